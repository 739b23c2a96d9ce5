package pack

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
)

// A Pack is an evidence pack that holds.
type Pack struct {
	Manifest
	Answers []bundle.Answer // one for each code, in the order of the codes
	Stated  bundle.Trust    // the trust file that the registry put in; it vouches for nothing

	files map[string]*zip.File
}

// Open checks a pack of that many bytes, and returns what it holds. It believes
// nothing but the trust file: the registry signed the list of files, every file
// is one of the list, each bundle holds as [bundle.Open] wants it, each answer is
// signed and is what its bundle amounts to, each receipt shows its statement, and
// nothing is missing or added. At no time is more than one file in memory.
//
// The error says which file does not hold, and why. It wraps [envelope.ErrMalformed]
// where it is no pack at all.
func Open(file io.ReaderAt, size int64, trust bundle.Trust) (*Pack, error) {
	z, err := listed(file, size)
	if err != nil {
		return nil, err
	}
	p := &Pack{files: map[string]*zip.File{}}
	for _, f := range z.File {
		p.files[f.Name] = f
	}
	sums, err := p.sums(trust)
	if err != nil {
		return nil, err
	}
	if err := p.bytes(z, file, size, sums); err != nil {
		return nil, err
	}
	stated, err := p.File(TrustName)
	if err != nil {
		return nil, err
	}
	if p.Stated, err = bundle.ParseTrust(stated); err != nil {
		return nil, fmt.Errorf("%s: %w", TrustName, err)
	}
	fingerprint, err := p.File(FingerprintName)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(fingerprint, Fingerprint(p.Stated)) {
		return nil, fmt.Errorf("%s: it is not the fingerprint of %s", FingerprintName, TrustName)
	}
	statements := map[verify.Code][]int64{}
	for _, code := range p.Codes {
		c := checking{pack: p, trust: trust, code: code}
		a, err := c.check()
		if err != nil {
			return nil, err
		}
		p.Answers = append(p.Answers, a)
		statements[code] = c.indexes
	}
	for i, name := range order(p.Codes, statements) {
		if i >= len(z.File) || z.File[i].Name != name {
			if _, there := p.files[name]; !there {
				return nil, fmt.Errorf("%s: it is missing", name)
			}
			return nil, fmt.Errorf("%s: it does not belong here; %s does", z.File[i].Name, name)
		}
	}
	return p, nil
}

// Fingerprint returns fingerprint.txt of a trust file.
func Fingerprint(t bundle.Trust) []byte {
	return fmt.Appendf(nil, "%s\n%s\n", t.Origin, t.Fingerprint())
}

// File returns the contents of a file of the pack.
func (p *Pack) File(name string) ([]byte, error) {
	f, ok := p.files[name]
	if !ok {
		return nil, fmt.Errorf("%s: it is missing", name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, FileMost+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, nil
}

// listed reads the list of files, and refuses whatever a registry does not put
// into a pack: names that lead elsewhere or are there twice, folders, links,
// compression, too many or too large files.
func listed(file io.ReaderAt, size int64) (*zip.Reader, error) {
	malformed := func(format string, args ...any) error {
		return fmt.Errorf("%w pack: %w", envelope.ErrMalformed, fmt.Errorf(format, args...))
	}
	if size > SizeMost {
		return nil, malformed("over %d bytes", SizeMost)
	}
	z, err := zip.NewReader(file, size)
	if err != nil {
		return nil, malformed("%w", err)
	}
	if len(z.File) > FilesMost {
		return nil, malformed("over %d files", FilesMost)
	}
	seen := map[string]bool{}
	var all uint64
	for _, f := range z.File {
		folded := strings.ToLower(f.Name)
		switch all += f.UncompressedSize64; {
		case !nameForm.MatchString(f.Name):
			return nil, malformed("%.80q is no name in a pack", f.Name)
		case seen[folded]:
			return nil, malformed("%s: it is there twice", f.Name)
		case !f.Mode().IsRegular():
			return nil, malformed("%s: it is no plain file", f.Name)
		case f.Method != zip.Store || f.Flags != 0:
			return nil, malformed("%s: it is compressed, encrypted or streamed", f.Name)
		case f.UncompressedSize64 > FileMost || f.CompressedSize64 != f.UncompressedSize64 || all > uint64(size):
			return nil, malformed("%s: it is too large", f.Name)
		}
		seen[folded] = true
	}
	return z, nil
}

// sums reads the manifest, and the digests of the files that it vouches for.
func (p *Pack) sums(trust bundle.Trust) (map[string]string, error) {
	token, err := p.File(ManifestName)
	if err != nil {
		return nil, err
	}
	payload, _, err := trust.OpenAnswer(envelope.Pack, token)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ManifestName, err)
	}
	if p.Manifest, err = parseManifest(payload); err != nil {
		return nil, err
	}
	text, err := p.File(SumsName)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != p.Sums {
		return nil, fmt.Errorf("%s: it is not the one that the registry signed", SumsName)
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(text)) {
		digest, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok {
			return nil, fmt.Errorf("%w %s: %.80q", envelope.ErrMalformed, SumsName, line)
		}
		if _, twice := sums[name]; twice {
			return nil, fmt.Errorf("%w %s: %s is there twice", envelope.ErrMalformed, SumsName, name)
		}
		sums[name] = digest
		if _, there := p.files[name]; !there {
			return nil, fmt.Errorf("%s: it is missing", name)
		}
	}
	if len(sums) != p.Files {
		return nil, fmt.Errorf("%s: it lists %d files, the registry signed %d", SumsName, len(sums), p.Files)
	}
	for name := range p.files {
		if _, ok := sums[name]; !ok && name != SumsName && name != ManifestName {
			return nil, fmt.Errorf("%s: the registry did not put it in", name)
		}
	}
	return sums, nil
}

// bytes checks every file against its digest, and the whole against the one
// spelling there is.
func (p *Pack) bytes(z *zip.Reader, file io.ReaderAt, size int64, sums map[string]string) error {
	same := &comparer{file: file, size: size}
	w := NewWriter(same, p.Log.Time)
	for _, f := range z.File {
		data, err := p.File(f.Name)
		if err != nil {
			return err
		}
		if sum, ok := sums[f.Name]; ok {
			if got := sha256.Sum256(data); hex.EncodeToString(got[:]) != sum {
				return fmt.Errorf("%s: it is not the file that the registry put in", f.Name)
			}
		}
		if err := w.add(f.Name, data); err != nil {
			return err
		}
	}
	if err := w.zip.Close(); err != nil {
		return err
	}
	if same.at != size {
		return fmt.Errorf("%w pack: bytes %d to %d belong to no file", envelope.ErrMalformed, same.at, size)
	}
	return nil
}

// A comparer takes only the bytes that a file has.
type comparer struct {
	file     io.ReaderAt
	at, size int64
}

func (c *comparer) Write(b []byte) (int, error) {
	have := make([]byte, len(b))
	if _, err := c.file.ReadAt(have, c.at); err != nil || !bytes.Equal(have, b) {
		return 0, fmt.Errorf("%w pack: from byte %d it is not spelt as a registry spells it", envelope.ErrMalformed, c.at)
	}
	c.at += int64(len(b))
	return len(b), nil
}
