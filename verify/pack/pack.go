// Package pack is the format of evidence packs: one ZIP with all that shows what
// a registry answered about some codes, to be filed with a case and checked
// years later without network. It says what must be in one, writes it, and checks
// it against a trust file. It does not say what the pages in it look like.
//
// A pack holds, for each code, in a folder of its name:
//
//	verdict.jwt       the answer, signed by the registry
//	verdict.LL.html   the same to be read and printed, in each language
//	bundle.json       all that the answer rests on
//	record.json       the history, as known at the time asked about
//	statements/N.jws  each statement about the code as it was signed
//	statements/N.json and its receipt, N being its place in the log
//
// and at its root README.LL.txt, trust.json, fingerprint.txt, SHA256SUMS (of all
// files before it, as coreutils write it), and last manifest.jwt, by which the
// registry signs that these are the files. No file is compressed, and there is
// one spelling: the same question at the same head gives the same bytes.
package pack

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
)

// Names of files.
const (
	SumsName        = "SHA256SUMS"
	ManifestName    = "manifest.jwt"
	TrustName       = "trust.json"
	FingerprintName = "fingerprint.txt"

	// In the folder of a code.
	AnswerName = "verdict.jwt"
	BundleName = "bundle.json"
	RecordName = "record.json"
)

// Languages are those of the pages and of the README.
var Languages = []string{"en", "ja"}

// PageName is the name of the page of an answer in a language, ReadmeName that of
// the text about the pack.
func PageName(lang string) string   { return "verdict." + lang + ".html" }
func ReadmeName(lang string) string { return "README." + lang + ".txt" }

// StatementName is the name of a statement as it was signed, ReceiptName that of
// its receipt.
func StatementName(index int64) string { return fmt.Sprintf("statements/%d.jws", index) }
func ReceiptName(index int64) string   { return fmt.Sprintf("statements/%d.json", index) }

// Limits of a pack.
const (
	CodesMost = 100            // codes
	FilesMost = 50_000         // files
	FileMost  = bundle.MaxSize // bytes of the largest file
	SizeMost  = int64(1) << 30 // bytes of all
	format    = "tegata-pack/v1"
)

// A Manifest is the registry's word on a pack: the payload of a token of
// [envelope.Pack].
type Manifest struct {
	Issuer   string        `json:"iss"`
	IssuedAt int64         `json:"iat"`  // Unix seconds
	Format   string        `json:"pack"` // tegata-pack/v1
	Codes    []verify.Code `json:"codes"`
	Files    int           `json:"files"`       // that SHA256SUMS lists
	Sums     string        `json:"sums_sha256"` // of SHA256SUMS, in hexadecimal
	Log      verify.Log    `json:"log"`         // the head that all of it rests on
}

// parseManifest reads the payload of a token of a manifest, already verified.
func parseManifest(payload []byte) (m Manifest, err error) {
	if err := envelope.Decode(payload, &m); err != nil {
		return m, fmt.Errorf("%s: %w", ManifestName, err)
	}
	switch {
	case m.Format != format:
		err = fmt.Errorf("pack: %.40q is not %q", m.Format, format)
	case len(m.Codes) == 0 || len(m.Codes) > CodesMost:
		err = fmt.Errorf("codes: %d of them", len(m.Codes))
	case m.Issuer != m.Log.Origin || m.IssuedAt != m.Log.Time.Unix():
		err = errors.New("log: it is not of the registry and the time of signing")
	}
	if err != nil {
		return m, fmt.Errorf("%w %s: %w", envelope.ErrMalformed, ManifestName, err)
	}
	return m, nil
}

// A Writer writes a pack, a file at a time, and keeps no file in memory.
type Writer struct {
	zip   *zip.Writer
	at    time.Time
	sums  bytes.Buffer
	names []string
	size  int64
}

// NewWriter returns the writer of a pack whose files bear that instant.
func NewWriter(out io.Writer, at time.Time) *Writer {
	return &Writer{zip: zip.NewWriter(out), at: at.UTC()}
}

// Add adds a file, and writes it out.
func (w *Writer) Add(name string, data []byte) error {
	fmt.Fprintf(&w.sums, "%x  %s\n", sha256.Sum256(data), name)
	return w.add(name, data)
}

func (w *Writer) add(name string, data []byte) error {
	w.size += int64(len(data))
	switch {
	case !nameForm.MatchString(name):
		return fmt.Errorf("%.80q is no name in a pack", name)
	case len(w.names) >= FilesMost || len(data) > FileMost || w.size > SizeMost:
		return fmt.Errorf("%s: the pack is too large", name)
	}
	w.names = append(w.names, name)
	h := &zip.FileHeader{
		Name: name, Method: zip.Store, ReaderVersion: 10,
		CRC32: crc32.ChecksumIEEE(data), CompressedSize64: uint64(len(data)), UncompressedSize64: uint64(len(data)),
	}
	//lint:ignore SA1019 CreateRaw writes these two and not Modified, and needs no descriptor after the data.
	h.ModifiedDate, h.ModifiedTime = dosTime(w.at)
	out, err := w.zip.CreateRaw(h)
	if err != nil {
		return err
	}
	if _, err := out.Write(data); err != nil {
		return err
	}
	return w.zip.Flush()
}

// nameForm is how a file is named: at most three parts of letters, digits, full
// stops and hyphens, none of them beginning with a full stop.
var nameForm = regexp.MustCompile(`^[0-9A-Za-z][-.0-9A-Za-z]{0,63}(/[0-9A-Za-z][-.0-9A-Za-z]{0,63}){0,2}$`)

// dosTime is an instant as a ZIP has it: from 1980, in steps of two seconds.
func dosTime(t time.Time) (date, clock uint16) {
	y, m, d := t.Date()
	if y < 1980 || y > 2107 {
		return 1<<5 | 1, 0
	}
	return uint16(d + int(m)<<5 + (y-1980)<<9), uint16(t.Second()/2 + t.Minute()<<5 + t.Hour()<<11)
}

// Close adds the sums and the manifest, which seal signs, and ends the pack.
func (w *Writer) Close(codes []verify.Code, log verify.Log, seal func(envelope.Type, []byte) (string, error)) error {
	sum := sha256.Sum256(w.sums.Bytes())
	m := Manifest{
		Issuer: log.Origin, IssuedAt: log.Time.Unix(), Format: format, Codes: codes,
		Files: len(w.names), Sums: hex.EncodeToString(sum[:]), Log: log,
	}
	token, err := seal(envelope.Pack, encode(m))
	if err != nil {
		return err
	}
	if err := w.add(SumsName, w.sums.Bytes()); err != nil {
		return err
	}
	if err := w.add(ManifestName, []byte(token)); err != nil {
		return err
	}
	return w.zip.Close()
}

// order lists the names of the files that belong to a pack, in their order.
func order(codes []verify.Code, statements map[verify.Code][]int64) (names []string) {
	for _, lang := range Languages {
		names = append(names, ReadmeName(lang))
	}
	names = append(names, TrustName, FingerprintName)
	for _, code := range codes {
		folder := string(code) + "/"
		names = append(names, folder+AnswerName)
		for _, lang := range Languages {
			names = append(names, folder+PageName(lang))
		}
		names = append(names, folder+BundleName, folder+RecordName)
		for _, index := range statements[code] {
			names = append(names, folder+StatementName(index), folder+ReceiptName(index))
		}
	}
	return slices.Concat(names, []string{SumsName, ManifestName})
}

// join joins two parts of a name.
func join(code verify.Code, name string) string {
	return strings.Join([]string{string(code), name}, "/")
}
