package verify

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

const simplified Code = "2WQ6TJX0M3KW" // the story's label that rests on its declaration

// simplifiedLabel is that label: it says in everything what the declaration says.
func simplifiedLabel(t *testing.T) *Issued {
	t.Helper()
	text, err := os.ReadFile("testdata/story/label.issued-simplified.json")
	if err != nil {
		t.Fatal(err)
	}
	s, err := DecodeStatement(text)
	if err != nil {
		t.Fatal(err)
	}
	return s.Body.(*Issued)
}

// Each case starts from a label and its declaration, which agree, and changes one
// thing. It names every point that differs, with both values and the entries that
// say them, from the first of the declaration, 0.
func TestCompare(t *testing.T) {
	no := false
	for _, c := range []struct {
		name        string
		label       func(*Label)
		declaration func(*Declaration)
		afterwards  func(*diary)
		at          string
		want        string
	}{
		{name: "nothing"},
		{name: "another spelling of names and models", label: func(l *Label) {
			l.Holder.Name.EN, l.Product.Brand, l.Product.Models[0].Model = "THAMES IOT LTD", "thames", "tc 2"
		}},
		{name: "the holder's Japanese name", label: func(l *Label) { l.Holder.Name = Text{EN: "Thames", JA: "テムズ"} },
			declaration: func(d *Declaration) { d.Parties[0].Name = Text{EN: "Thames IoT", JA: "テムズ"} }},
		{name: "an authorised representative holds the label", label: func(l *Label) { l.Holder.Name.EN = "Ebisu KK" },
			declaration: func(d *Declaration) {
				d.Parties = append(d.Parties, Firm{Role: roleRepresentative, Name: Text{EN: "Ebisu KK"}, Address: "Tokyo"})
			}},
		{name: "holder", label: func(l *Label) { l.Holder.Name.EN = "Severn Ltd" },
			want: `maker "Severn Ltd" in 1, "Thames IoT Ltd" in 0: si-2023-1007 Sch 4 para 1(1)(b)`},
		{name: "holder, amended", afterwards: func(d *diary) {
			d.say("ipa", "2026-08-01T00:00:00Z", simplified, &Amended{Holder: &Firm{Name: Text{EN: "Severn Ltd"}, Address: "Bristol"}})
		}, want: `maker "Severn Ltd" in 2, "Thames IoT Ltd" in 0: si-2023-1007 Sch 4 para 1(1)(b)`},
		{name: "holder, amended later than asked about", at: "2026-07-31T00:00:00Z", afterwards: func(d *diary) {
			d.say("ipa", "2026-08-01T00:00:00Z", simplified, &Amended{Holder: &Firm{Name: Text{EN: "Severn Ltd"}, Address: "Bristol"}})
		}},
		{name: "brand", label: func(l *Label) { l.Product.Brand = "Isis" },
			want: `brand "Isis" in 1, "Thames" in 0: si-2023-1007 Sch 4 para 1(1)(a)`},
		{name: "type", declaration: func(d *Declaration) { d.Product.Type = "Outdoor camera" },
			want: `type "Indoor camera" in 1, "Outdoor camera" in 0: si-2023-1007 Sch 4 para 1(1)(a)`},
		{name: "the label leaves its type open", label: func(l *Label) { l.Product.Type = "" }},
		{name: "a model more on the label", label: func(l *Label) { l.Product.Models = append(l.Product.Models, Model{Model: "TC-3"}) },
			want: `models ["TC-3"] in 1, - in 0: si-2023-1007 Sch 4 para 1(1)(a)`},
		{name: "other models", declaration: func(d *Declaration) { d.Product.Models = []Model{{Model: "TC-4"}, {Model: "TC-5"}} },
			want: `models ["TC-2"] in 1, ["TC-4","TC-5"] in 0: si-2023-1007 Sch 4 para 1(1)(a)`},
		{name: "a barcode of another model", declaration: func(d *Declaration) { d.Product.Models[0].Model = "TC-2B" },
			want: `models ["TC-2"] in 1, ["TC-2B"] in 0: si-2023-1007 Sch 4 para 1(1)(a)
trade_item 05012345678900 "TC-2" in 1, "TC-2B" in 0: si-2023-1007 Sch 4 para 1(1)(a)`},
		{name: "support, shorter on the label", label: func(l *Label) { l.Support.End = day(t, "2031-05-29") },
			want: `support "2031-05-29" in 1, "2031-05-30" in 0: si-2023-1007 Sch 1 para 3(6)`},
		{name: "support, longer on the label", label: func(l *Label) { l.Support.End = day(t, "2032-05-30") },
			want: `support "2032-05-30" in 1, "2031-05-30" in 0: si-2023-1007 Sch 4 para 1(1)(e)`},
		{name: "support, left open on the label", label: func(l *Label) { l.Support.End = Date{} }},
		{name: "support, declared without an end", declaration: func(d *Declaration) { d.Support.End = Date{} },
			want: `support "2031-05-30" in 1, - in 0: si-2023-1007 reg 2, Sch 4 para 1(1)(e)`},
		{name: "support, declared to end before the label", label: func(l *Label) { l.Support.End = day(t, "2028-06-29") },
			declaration: func(d *Declaration) { d.Support.End, d.Support.AnchorDate = day(t, "2028-06-29"), Date{} },
			want:        `support_short "2028-06-30" in 1, "2028-06-29" in 0: moc 2(8)`},
		{name: "support, extended", afterwards: func(d *diary) {
			d.say("thames-iot", "2026-08-01T00:00:00Z", thames, &SupportExtended{Support{Text: Text{EN: "2032"}, End: day(t, "2032-05-30")}})
		}, want: `support "2031-05-30" in 1, "2032-05-30" in 2: si-2023-1007 Sch 1 para 3(6)`},
		{name: "Internet Protocol", label: func(l *Label) { l.Product.Traits.IP = &no }, want: `ip "no" in 1, "yes" in 0: moc 2(4)`},
		{name: "market", label: func(l *Label) { l.Product.Traits.Market = Industrial }, want: `market "industrial" in 1, "consumer" in 0: moc 2(4)`},
		{name: "class", label: func(l *Label) { l.Product.Traits.Class = Medical }, want: `class "medical" in 1, "general" in 0: moc 2(4)`},
		{name: "Northern Ireland, known to one only", label: func(l *Label) { l.Product.Traits.NIEULaw = &no }},
		{name: "withdrawn", at: "2026-09-02T00:00:00Z", afterwards: func(d *diary) {
			d.say("thames-iot", "2026-08-01T00:00:00Z", thames, &Withdrawn{From: day(t, "2026-09-01")})
		}, want: `standing "valid" in 1, "withdrawn" in 2: moc 2(8), 3(2)`},
		{name: "before it is withdrawn", at: "2026-08-31T00:00:00Z", afterwards: func(d *diary) {
			d.say("thames-iot", "2026-08-01T00:00:00Z", thames, &Withdrawn{From: day(t, "2026-09-01")})
		}},
		{name: "the label is the older one", label: func(l *Label) { l.Issued, l.Expires = day(t, "2026-05-11"), day(t, "2028-05-10") },
			want: `issued "2026-05-11" in 1, "2026-05-12" in 0: moc 3(2)(a)`},
	} {
		d := open(t)
		begin := int64(len(d.entries))
		d.publish(c.declaration)
		label := simplifiedLabel(t)
		if c.label != nil {
			c.label(&label.Label)
		}
		d.say("ipa", "2026-07-01T00:00:00Z", simplified, label)
		if c.afterwards != nil {
			c.afterwards(d)
		}
		at := instant(t, "2026-08-15T00:00:00Z")
		if c.at != "" {
			at = instant(t, c.at)
		}
		l, p := d.record(simplified), d.record(thames)
		var lines []string
		for _, x := range Compare(&l, &p, at, func(s string) string { return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(s)) }) {
			lines = append(lines, x.line(begin))
		}
		if got := strings.Join(lines, "\n"); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

// line writes a discrepancy in a line, with entries counted from begin.
func (d Discrepancy) line(begin int64) string {
	value := func(v any) string {
		switch v := v.(type) {
		case nil:
			return "-"
		case Text:
			return `"` + v.EN + `"`
		case []Text:
			var names []string
			for _, name := range v {
				names = append(names, `"`+name.EN+`"`)
			}
			return strings.Join(names, " ")
		}
		text, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return string(text)
	}
	name := string(d.Point)
	if d.Of != "" {
		name += " " + d.Of
	}
	at := func(index int64) string { return string('0' + rune(index-begin)) }
	return name + " " + value(d.Label) + " in " + at(d.LabelEntry) + ", " + value(d.Declaration) + " in " + at(d.DeclarationEntry) +
		": " + string(d.Cite.Source) + " " + d.Cite.Ref
}
