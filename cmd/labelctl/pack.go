package main

import (
	"encoding/json"
	"fmt"
	"html"
	"os"
	"strings"
	"time"

	"tegata/verify"
	"tegata/verify/bundle"
	"tegata/verify/pack"
	"tegata/web/headline"
	"tegata/web/i18n"
)

// pack checks an evidence pack, and touches no network.
func (c *console) pack(q question, args []string) (int, error) {
	switch {
	case q.trust == "":
		return 0, misusef("flag -trust is missing: a pack is worth what its keys are; labelctl trust -from URL writes the file")
	case q.to+q.bundle+q.from+q.number+q.status+q.input+q.output+q.envelope != "" || len(q.query)+len(args) > 0:
		return 0, misusef("a pack tells itself what was asked; beside -pack stand -trust, -json and -lang")
	}
	t, err := c.trust(q.trust)
	if err != nil {
		return 0, err
	}
	file, err := os.Open(q.pack)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, misusef("-pack %s: it is no file that can be read more than once", q.pack)
	}
	p, err := pack.Open(file, info.Size(), t)
	if err == nil {
		err = pagesAgree(p)
	}
	if err != nil {
		c.say("verify: %s: %v", q.pack, err)
		return exitNo, nil
	}
	if q.json {
		return exitDone, c.packJSON(p)
	}
	for i, a := range p.Answers {
		if i > 0 {
			c.print("")
		}
		v := a.Verdict
		v.Question = a.Asked()
		c.tell(q.lang, []verify.Verdict{v}, "")
	}
	l := q.lang
	c.print("")
	c.print(l.T("pack.holds", p.Issuer, l.Instant(time.Unix(p.IssuedAt, 0), time.UTC), l.Count(int64(p.Files)), l.Count(int64(len(p.Codes)))))
	if p.Stated.Fingerprint() != t.Fingerprint() {
		c.print(l.T("pack.other_trust", pack.TrustName))
	}
	c.age(l, p.Log.Time)
	return exitDone, nil
}

// packJSON writes the answers of a pack for machines.
func (c *console) packJSON(p *pack.Pack) error {
	e := json.NewEncoder(c.out)
	e.SetEscapeHTML(false)
	return e.Encode(struct {
		pack.Manifest
		Answers []bundle.Answer `json:"answers"`
	}{p.Manifest, p.Answers})
}

// pagesAgree checks that every page of a pack says what its signed answer amounts
// to: the sentence that a reader must not miss, in its one heading and with nothing
// that is not shown or that runs, and the code. The rest of a page is the registry's
// word.
func pagesAgree(p *pack.Pack) error {
	for _, a := range p.Answers {
		v := a.Verdict
		v.Question = a.Asked()
		for _, lang := range pack.Languages {
			name := string(a.Code) + "/" + pack.PageName(lang)
			page, err := p.File(name)
			if err != nil {
				return err
			}
			text := string(page)
			sentence := headline.Of(i18n.Language(lang), &v).Sentence
			_, heading, _ := strings.Cut(text, `<h1 id="answer">`)
			heading, _, _ = strings.Cut(heading, "</h1>")
			plain := strings.Count(text, "<h1") == 1 && !strings.Contains(text, "<!--") && !strings.Contains(text, "<script")
			if !plain || html.UnescapeString(heading) != sentence || !strings.Contains(text, a.Code.Printed()) {
				return fmt.Errorf("%s: it does not say what the signed answer says: %s", name, sentence)
			}
		}
	}
	return nil
}
