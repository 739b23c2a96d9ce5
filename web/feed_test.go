package web

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// readFeed is a feed as other people's readers see it.
type readFeed struct {
	Title, Self, Home, Next, Lang string
	Entries                       [][]string
}

// readFeeds has npm's readers read feeds, each as Atom and as JSON Feed.
func readFeeds(t *testing.T, feeds ...*feed) (read []readFeed) {
	t.Helper()
	if _, err := os.Stat("node_modules/feedsmith/package.json"); err != nil {
		t.Fatal("no feedsmith, run: make tools")
	}
	var input []map[string]string
	for _, f := range feeds {
		for kind, write := range map[string]func() ([]byte, error){"atom": f.atom, "json": f.json} {
			text, err := write()
			if err != nil {
				t.Fatal(err)
			}
			input = append(input, map[string]string{"kind": kind, "text": string(text)})
		}
	}
	text, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "testdata/feeds.mjs", "node_modules")
	cmd.Stdin, cmd.Stderr = bytes.NewReader(text), os.Stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	if err := json.Unmarshal(output, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

// Other people's readers read every feed, whatever its texts hold: what no XML can
// hold is replaced, and all else comes out as it was.
func TestFeedReaders(t *testing.T) {
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	with := func(text string) *feed {
		return &feed{
			lang: "ja", site: "https://labels.example", origin: "labels.example", ID: "tag:labels.example,2026-01-01:feed/ja",
			Title: "変更：" + text, Home: "https://labels.example/log?lang=ja", Self: url.Values{paramMaker: {text}}, Next: 7, Updated: at,
			Items: []feedItem{{ID: "tag:labels.example,2026-01-01:entry/7", Index: 7, Title: text, Lines: []string{"一行目", text}, By: text, Logged: at,
				Kind: "label.issued", Address: "https://labels.example/records/000000000012?lang=ja#entry-7"}},
		}
	}
	texts := []string{"plain", "a & b <c> \"d\" 'e'", "]]><![CDATA[x]]>", "<!--", "&amp;amp;", "青葉ルーター 😀", "<?xml?>", "\u202eright to left", "x\u2028y"}
	var feeds []*feed
	for _, text := range texts {
		feeds = append(feeds, with(text))
	}
	for i, got := range readFeeds(t, feeds...) {
		text := texts[i/2]
		q := url.Values{paramMaker: {text}}.Encode()
		if d := cmp.Diff([][]string{{"tag:labels.example,2026-01-01:entry/7", "https://labels.example/records/000000000012?lang=ja#entry-7",
			text, "一行目\n" + text, "2026-11-23T10:00:00.000Z", text, "label.issued"}}, got.Entries); d != "" {
			t.Errorf("%q (-want +got):\n%s", text, d)
		}
		if got.Title != "変更："+text || got.Lang != "ja" || got.Home != "https://labels.example/log?lang=ja" ||
			!strings.HasSuffix(got.Self, "?"+q) || !strings.HasSuffix(got.Next, "?before=7&"+q) {
			t.Errorf("%q: got %+v", text, got)
		}
	}
	for _, text := range []string{"\x00\x01\x1b[31m", "\ufffe\uffff", "\xff\xfe", "a\rb"} {
		for _, got := range readFeeds(t, with(text)) {
			if len(got.Entries) != 1 || got.Entries[0][0] != "tag:labels.example,2026-01-01:entry/7" {
				t.Errorf("%q: got %+v", text, got)
			}
		}
	}
}
