package web_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/envelope"
	"tegata/verify/pack"
	"tegata/web"
)

// told is the registry of the story, and its pages.
func told(t *testing.T) (*registrytest.Kit, http.Handler) {
	t.Helper()
	k := registrytest.New(t)
	k.Play(t, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	k.Clock.Set(time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))
	h, err := web.NewHandler(web.Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return k, h
}

// packed asks for a pack.
func packed(t *testing.T, h http.Handler, path string) []byte {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	if w.Code != http.StatusOK {
		t.Fatalf("%s: got status %d, %s", path, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

func unpacked(data []byte, trust bundle.Trust) (*pack.Pack, error) {
	return pack.Open(bytes.NewReader(data), int64(len(data)), trust)
}

const threeCodes = "/api/v1/packs?code=7K3MQ2ZT9XWE&code=4hd8-rvn1-c5pe&code=000000000024"

// TestPackHolds: what the registry gives holds, whatever was asked, and the same
// question at the same head gives the same bytes.
func TestPackHolds(t *testing.T) {
	k, h := told(t)
	trust := k.Trust(t)
	for _, c := range []struct {
		path  string
		codes int
		want  verify.Outcome // of the first
	}{
		{"/api/v1/packs/7K3MQ2ZT9XWE.zip", 1, verify.NotRecognised},
		{"/api/v1/packs/7k3m-q2zt-9xwe.zip?in=JP&lang=ja", 1, verify.AtHome},
		{"/api/v1/packs/7K3MQ2ZT9XWE.zip?at=2026-06-01&known=2026-06-01&model=WX-100&gtin=4912345678904", 1, verify.TreatedAsCompliant},
		{"/api/v1/packs/7K3MQ2ZT9XWE.zip?known=12", 1, verify.TreatedAsCompliant},
		{"/api/v1/packs/7K3MQ2ZT9XWE.zip?known=2026-02-01", 1, verify.UnknownHere},
		{"/api/v1/packs/4HD8RVN1C5PE.zip", 1, verify.Undetermined},
		{"/api/v1/packs/000000000024.zip", 1, verify.UnknownHere},
		{threeCodes, 3, verify.NotRecognised},
	} {
		data := packed(t, h, c.path)
		p, err := unpacked(data, trust)
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		if len(p.Answers) != c.codes || p.Answers[0].Recognition.Outcome != c.want {
			t.Errorf("%s: got %d answers, the first %s; want %d, %s", c.path, len(p.Answers), p.Answers[0].Recognition.Outcome, c.codes, c.want)
		}
		if again := packed(t, h, c.path); !bytes.Equal(again, data) {
			t.Errorf("%s: asked again, got other bytes", c.path)
		}
	}

	// The log may grow and the clock go on: what was given still holds.
	before := packed(t, h, threeCodes)
	k.Clock.Set(k.Clock.Now().Add(time.Hour))
	k.Append(t, k.Seal(t, "ipa", verify.Statement{Head: verify.Head{Kind: verify.LabelExtended, ID: "0199f0c2-6d5e-7c3a-9a51-0000000000e1",
		Origin: registrytest.Origin, By: "ipa", Made: k.Clock.Now(), Code: "7K3MQ2ZT9XWE"}, Body: &verify.Extended{Expires: verify.Date{Year: 2029, Month: 3, Day: 31}}}))
	if _, err := unpacked(before, k.Trust(t)); err != nil {
		t.Errorf("an hour later: %v", err)
	}
	if after := packed(t, h, threeCodes); bytes.Equal(after, before) {
		t.Error("the log has grown: got the same bytes")
	}
	if _, err := unpacked(before, registrytestTrust(t)); err == nil {
		t.Error("it holds against the trust file of another registry")
	}
}

// TestPackCut: what goes wrong with a later code, when the pack has begun, cuts the
// connection: half a pack is not taken for one. With the first it is a problem.
func TestPackCut(t *testing.T) {
	k, h := told(t)
	server := httptest.NewServer(h)
	defer server.Close()
	for index := range k.Registry.Head().Size {
		token, err := k.Registry.Envelope(index)
		if err != nil {
			t.Fatal(err)
		}
		if _, payload, err := envelope.OpenLogged(token); err == nil && bytes.Contains(payload, []byte(`"declaration.published"`)) {
			if err := damageFile(k.Path, token[300:340]); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		path string
		cut  bool
		want int
	}{
		{"/api/v1/packs?code=7K3MQ2ZT9XWE&code=4HD8RVN1C5PE", true, http.StatusOK},
		{"/api/v1/packs?code=4HD8RVN1C5PE&code=7K3MQ2ZT9XWE", false, http.StatusServiceUnavailable},
	} {
		answer, err := http.Get(server.URL + c.path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.ReadAll(answer.Body)
		answer.Body.Close()
		if (err != nil) != c.cut || answer.StatusCode != c.want {
			t.Errorf("%s: got status %d, cut %v; want %d, %v", c.path, answer.StatusCode, err, c.want, c.cut)
		}
	}
}

// registrytestTrust is the trust file of a registry that is another one.
func registrytestTrust(t *testing.T) bundle.Trust {
	k, _ := told(t)
	return k.Trust(t)
}

// A zipped file is one of a pack that is changed.
type zipped struct {
	zip.FileHeader
	data []byte
	at   int64 // where its data begin in the archive
}

func unzipped(t *testing.T, data []byte) (files []zipped) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		at, err := f.DataOffset()
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, zipped{f.FileHeader, text, at})
	}
	return files
}

// rezipped is a pack of other files, in all else as a registry makes it.
func rezipped(t *testing.T, files []zipped) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range files {
		f.CRC32 = crc32.ChecksumIEEE(f.data)
		f.CompressedSize64, f.UncompressedSize64 = uint64(len(f.data)), uint64(len(f.data))
		w, err := z.CreateRaw(&f.FileHeader)
		if err == nil {
			_, err = w.Write(f.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestPackAltered: a pack does not hold when a byte of any file is another, in
// the archive as it is and in one made anew around it; when any file is left out,
// put in, doubled or exchanged; and when any byte of the archive is another.
func TestPackAltered(t *testing.T) {
	k, h := told(t)
	trust := k.Trust(t)
	data := packed(t, h, threeCodes)
	files := unzipped(t, data)
	if len(files) < 30 {
		t.Fatalf("got %d files, want 30 at least", len(files))
	}
	refused := func(what string, changed []byte, names ...string) {
		t.Helper()
		_, err := unpacked(changed, trust)
		if err == nil {
			t.Errorf("%s: it holds", what)
			return
		}
		for _, name := range names {
			if !strings.Contains(err.Error(), name) {
				t.Errorf("%s: got %v, want %q in it", what, err, name)
			}
		}
	}
	for i, f := range files {
		change := func(at int) []zipped {
			other := append([]zipped(nil), files...)
			other[i].data = bytes.Clone(f.data)
			other[i].data[at] ^= 1
			return other
		}
		for _, at := range []int{0, len(f.data) / 2, len(f.data) - 1} {
			refused(fmt.Sprintf("%s, byte %d", f.Name, at), rezipped(t, change(at)))
		}
		flipped := bytes.Clone(data)
		flipped[int(f.at)+len(f.data)/2] ^= 0x20
		refused(f.Name+", in place", flipped, f.Name)

		without := append(append([]zipped(nil), files[:i]...), files[i+1:]...)
		refused(f.Name+" left out", rezipped(t, without), f.Name)
		twice := append(append([]zipped(nil), files...), f)
		refused(f.Name+" twice", rezipped(t, twice), "there twice")
		emptied := append([]zipped(nil), files...)
		emptied[i].data = nil
		refused(f.Name+" emptied", rezipped(t, emptied))
		if i > 0 {
			swapped := append([]zipped(nil), files...)
			swapped[i-1].data, swapped[i].data = swapped[i].data, swapped[i-1].data
			if !bytes.Equal(files[i-1].data, files[i].data) {
				refused(f.Name+" exchanged with the one before", rezipped(t, swapped))
			}
		}
	}
	for _, name := range []string{"note.txt", "7K3MQ2ZT9XWE/note.txt", "7K3MQ2ZT9XWE/statements/1.json"} {
		refused(name+" put in", rezipped(t, append(append([]zipped(nil), files...), zipped{zip.FileHeader{Name: name}, []byte("x"), 0})), name, "did not put it in")
	}
	for at := 0; at < len(data); at += 1 + len(data)/400 {
		flipped := bytes.Clone(data)
		flipped[at] ^= 1
		refused(fmt.Sprintf("byte %d of the archive", at), flipped)
	}
	refused("cut off", data[:len(data)-1])
	refused("followed by a byte", append(bytes.Clone(data), 0))
	if !bytes.Equal(rezipped(t, files), data) {
		t.Error("made anew of the same files: got other bytes, so that the cases before show nothing")
	}
	refused("nothing", nil, "malformed pack")
}

// TestPackLies: a pack that the registry itself signs does not hold either where
// what is in it does not follow from the log.
func TestPackLies(t *testing.T) {
	k, h := told(t)
	trust := k.Trust(t)
	files := unzipped(t, packed(t, h, "/api/v1/packs/7K3MQ2ZT9XWE.zip"))
	head := func() verify.Log { return k.Registry.Head() }
	other := map[string][]byte{} // of another question, at the same head
	for _, f := range unzipped(t, packed(t, h, "/api/v1/packs/7K3MQ2ZT9XWE.zip?known=12")) {
		other[f.Name] = f.data
	}
	foreign := map[string][]byte{}
	for _, f := range unzipped(t, packed(t, h, "/api/v1/packs/4HD8RVN1C5PE.zip")) {
		foreign[strings.Replace(f.Name, "4HD8RVN1C5PE", "7K3MQ2ZT9XWE", 1)] = f.data
	}
	unmeasured := func(token []byte) []byte {
		e, err := envelope.OpenAs(envelope.Verdict, token)
		if err != nil {
			t.Fatal(err)
		}
		a, err := bundle.ParseAnswer(e.Payload)
		if err != nil {
			t.Fatal(err)
		}
		a.Measures = []verify.MeasureInForce{}
		lie, err := k.Config.Answer.SealAs(envelope.Verdict, a.Payload())
		if err != nil {
			t.Fatal(err)
		}
		return []byte(lie)
	}
	statements := []string{}
	for _, f := range files {
		if strings.Contains(f.Name, "/statements/") {
			statements = append(statements, f.Name)
		}
	}
	const folder = "7K3MQ2ZT9XWE/"
	content := func(name string) []byte {
		for _, f := range files {
			if f.Name == name {
				return f.data
			}
		}
		t.Fatalf("no file %s", name)
		return nil
	}
	for _, c := range []struct {
		name  string
		files map[string][]byte // in the place of those; nil: left out
		want  string
	}{
		{"nothing", nil, ""},
		{"an answer without its measures", map[string][]byte{folder + "verdict.jwt": unmeasured(content(folder + "verdict.jwt"))}, "verdict.jwt: worked out again from the bundle, the answer is another: measures: "},
		{"an answer about another code", map[string][]byte{folder + "verdict.jwt": foreign[folder+"verdict.jwt"]}, "verdict.jwt: it is about another code"},
		{"the bundle of another code", map[string][]byte{folder + "bundle.json": foreign[folder+"bundle.json"]}, "bundle.json: not what the trust file vouches for"},
		{"the history as it was known earlier", map[string][]byte{folder + "record.json": other[folder+"record.json"]}, "record.json: worked out again from the bundle, the history is another"},
		{"a statement left out", map[string][]byte{statements[0]: nil}, statements[0] + ": it is missing"},
		{"a receipt left out", map[string][]byte{statements[1]: nil}, statements[1] + ": it is missing"},
		{"another statement", map[string][]byte{statements[0]: content(statements[2])}, statements[0] + ": entry"},
		{"the receipt of another", map[string][]byte{statements[1]: content(statements[3])}, statements[1] + ": it is of another entry"},
		{"a receipt with another proof", map[string][]byte{statements[1]: bytes.Replace(content(statements[1]), []byte(`"proof":["`), []byte(`"proof":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","`), 1)}, statements[1] + ": "},
		{"a receipt of another instant", map[string][]byte{statements[1]: bytes.Replace(content(statements[1]), []byte(`"logged":"2026`), []byte(`"logged":"2027`), 1)}, statements[1] + ": it is of another entry"},
		{"another fingerprint", map[string][]byte{"fingerprint.txt": []byte("labels.example\n0000\n")}, "fingerprint.txt: it is not the fingerprint"},
		{"no trust file", map[string][]byte{"trust.json": []byte("{}")}, "trust.json: "},
		{"a page left out", map[string][]byte{folder + "verdict.ja.html": nil}, "verdict.ja.html: it is missing"},
		{"a text left out", map[string][]byte{"README.ja.txt": nil}, "README.ja.txt: it is missing"},
		{"a file more", map[string][]byte{"README.ja.txt": nil, "notes.txt": []byte("x")}, "README.ja.txt: it is missing"},
		{"a file of no code", map[string][]byte{"notes.txt": []byte("x")}, "notes.txt: it does not belong here"},
	} {
		var out bytes.Buffer
		w := pack.NewWriter(&out, head().Time)
		add := func(name string, data []byte) {
			if err := w.Add(name, data); err != nil {
				t.Fatal(err)
			}
		}
		for _, f := range files[:len(files)-2] {
			if data, changed := c.files[f.Name]; !changed {
				add(f.Name, f.data)
			} else if data != nil {
				add(f.Name, data)
			}
		}
		if data, more := c.files["notes.txt"]; more {
			add("notes.txt", data)
		}
		if err := w.Close([]verify.Code{"7K3MQ2ZT9XWE"}, head(), k.Config.Answer.SealAs); err != nil {
			t.Fatal(err)
		}
		_, err := unpacked(out.Bytes(), trust)
		if (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q in it", c.name, err, c.want)
		}
	}
}
