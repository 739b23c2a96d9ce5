package verify

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestReadSupport reads support periods in the forms that are found in
// published statements of compliance.
func TestReadSupport(t *testing.T) {
	day := func(y, m, d int) Date { return Date{y, time.Month(m), d} }
	exact := func(end Date, p Precision) Support { return Support{End: end, Precision: p, Qualifier: Exact} }
	least := func(end Date, p Precision) Support { return Support{End: end, Precision: p, Qualifier: AtLeast} }
	for _, c := range []struct {
		text string
		want Support
	}{
		{"2030-05-30", exact(day(2030, 5, 30), ToTheDay)},
		{"Minimum Support Period: 5 years (until 30.5.2030)", Support{End: day(2030, 5, 30), Precision: ToTheDay, Qualifier: AtLeast, DurationMonths: 60}},
		{"V6 31/12/2027 or later*", least(day(2027, 12, 31), ToTheDay)},
		{"End of Support date: October 2029", exact(day(2029, 10, 31), ToTheMonth)},
		{"until Feb. 2028", exact(day(2028, 2, 29), ToTheMonth)},
		{"2029-10", exact(day(2029, 10, 31), ToTheMonth)},
		{"until 2030", exact(day(2030, 12, 31), ToTheYear)},
		{"2030", exact(day(2030, 12, 31), ToTheYear)},
		{"2030.", exact(day(2030, 12, 31), ToTheYear)},
		{"until 2030-5-30", exact(day(2030, 5, 30), ToTheDay)},
		{"2030/05", exact(day(2030, 5, 31), ToTheMonth)},
		{"until the end of 2030", exact(day(2030, 12, 31), ToTheYear)},
		{"2030年5月末まで", exact(day(2030, 5, 31), ToTheMonth)},
		{"2年以上", Support{DurationMonths: 24, Qualifier: AtLeast}},
		{"security updates until at least December 31st, 2031", least(day(2031, 12, 31), ToTheDay)},
		{"until 1 September 2031", exact(day(2031, 9, 1), ToTheDay)},
		{"5 years after the product's GA", Support{DurationMonths: 60, Anchor: GeneralAvailability}},
		{"will end 3 years after the product's end-of-life date", Support{DurationMonths: 36, Anchor: EndOfSale}},
		{"minimum of three years after purchase", Support{DurationMonths: 36, Anchor: Purchase, Qualifier: AtLeast}},
		{"24 months", Support{DurationMonths: 24}},
		{"Minimum 5 Years from the first supply date, September 22, 2023",
			Support{DurationMonths: 60, Anchor: FirstSupply, AnchorDate: day(2023, 9, 22), End: day(2028, 9, 22), Precision: ToTheDay, Qualifier: AtLeast}},
		{"5 years from first supply (22 September 2023), until 22 September 2028",
			Support{DurationMonths: 60, Anchor: FirstSupply, AnchorDate: day(2023, 9, 22), End: day(2028, 9, 22), Precision: ToTheDay, Qualifier: Exact}},
		{"5 years from launch, until 2030-05-30", Support{DurationMonths: 60, Anchor: GeneralAvailability, End: day(2030, 5, 30), Precision: ToTheDay, Qualifier: Exact}},
		{"05/05/2030", exact(day(2030, 5, 5), ToTheDay)},
		{"12/31/2030", exact(day(2030, 12, 31), ToTheDay)},
		{"2030年5月30日まで", exact(day(2030, 5, 30), ToTheDay)},
		{"２０３０年５月３０日 以降", least(day(2030, 5, 30), ToTheDay)},
		{"令和12年5月30日まで", exact(day(2030, 5, 30), ToTheDay)},
		{"令和元年12月", exact(day(2019, 12, 31), ToTheMonth)},
		{"サポート期限：2029年10月", exact(day(2029, 10, 31), ToTheMonth)},
		{"2031年", exact(day(2031, 12, 31), ToTheYear)},
		{"発売日から5年間", Support{DurationMonths: 60, Anchor: GeneralAvailability}},
		{"販売終了後、最低3年", Support{DurationMonths: 36, Anchor: EndOfSale, Qualifier: AtLeast}},
		{"購入後18か月", Support{DurationMonths: 18, Anchor: Purchase}},
		{"初回供給日（2026年4月1日）から5年間", Support{DurationMonths: 60, Anchor: FirstSupply, AnchorDate: day(2026, 4, 1), End: day(2031, 4, 1), Precision: ToTheDay, Qualifier: Exact}},
	} {
		got, faults := ReadSupport(c.text)
		if diff := cmp.Diff(c.want, got); diff != "" || len(faults) > 0 {
			t.Errorf("%q: %v (-want +got):\n%s", c.text, faults, diff)
		}
	}
}

// TestReadSupportAsks: what can be read in two ways, or in none, is asked about.
func TestReadSupportAsks(t *testing.T) {
	for _, c := range []struct{ text, rule, detail string }{
		{"until 05/06/2030", "support_ambiguous", "2030-06-05, 2030-05-06"},
		{"until 5.6.2030", "support_ambiguous", "2030-06-05, 2030-05-06"},
		{"model A 2028-01-01, model B 2029-01-01", "support_ambiguous", "2028-01-01, 2029-01-01"},
		{"3 years, 5 years for the Pro", "support_ambiguous", "36, 60"},
		{"until I get bored, or drop dead", "support_unread", ""},
		{"", "support_unread", ""},
		{"2024年4月1日から5年間", "support_ambiguous", "2024-04-01, 2029-04-01"},
		{"5 years from 1 April 2024", "support_ambiguous", "2024-04-01, 2029-04-01"},
		{"5 years, 30.5.2030", "support_ambiguous", "2030-05-30, 2035-05-30"},
		{"2024年4月1日から", "support_unread", "2024年4月1日"},
		{"since 2024-04-01", "support_unread", "2024-04-01"},
		{"2030年度末まで", "support_unread", "2030年"},
		{"2030年5月上旬まで", "support_unread", "2030年5月"},
		{"until the end of fiscal year 2030", "support_unread", "year 2030"},
		{"until the beginning of 2030", "support_unread", "of 2030"},
		{"until mid-May 2030", "support_unread", "may 2030"},
		{"1.5 years", "support_unread", "1.5 years"},
		{"3-5 years", "support_unread", "3-5 years"},
		{"３～５年", "support_unread", "3~5年"},
		{"1年半", "support_unread", "1年半"},
		{"昭和60年5月1日", "support_unread", "昭和60年"},
		{"until 31/02/2030", "support_unread", "31/02/2030"},
		{"until 2030-13-01", "support_unread", "2030-13-01"},
		{"5 years from first supply in October 2029", "support_unread", "october 2029"},
	} {
		got, faults := ReadSupport(c.text)
		if len(faults) != 1 || string(faults[0].Rule) != c.rule || faults[0].Detail != c.detail || got != (Support{}) {
			t.Errorf("%q: got %+v and %v, want %s %s", c.text, got, faults, c.rule, c.detail)
		}
	}
}

// TestReadSupportDays: a day written in any form is read as that day, or asked
// about, and never read as another.
func TestReadSupportDays(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := Date{rapid.IntRange(2020, 2060).Draw(r, "y"), time.Month(rapid.IntRange(1, 12).Draw(r, "m")), 1}.AddDays(rapid.IntRange(0, 30).Draw(r, "d"))
		at := d.Start(time.UTC)
		layout := rapid.SampledFrom([]string{"2006-01-02", "2006/1/2", "2006.01.02", "2.1.2006", "02/01/2006", "01/02/2006", "January 2, 2006", "2 Jan 2006", "2006年1月2日"}).Draw(r, "layout")
		text := rapid.SampledFrom([]string{"", "until ", "Support ends on ", "updates: "}).Draw(r, "before") + at.Format(layout) + rapid.SampledFrom([]string{"", ".", " or later", "まで", " (see site)"}).Draw(r, "after")
		s, faults := ReadSupport(text)
		switch {
		case len(faults) == 0 && s.End != d:
			r.Fatalf("%q: got %v, want %v", text, s.End, d)
		case len(faults) > 0 && (faults[0].Rule != SupportAmbiguous || !strings.Contains(faults[0].Detail, d.String())):
			r.Fatalf("%q: got %v, want a question with %v in it", text, faults, d)
		}
	})
}

func FuzzReadSupport(f *testing.F) {
	for _, s := range []string{"5 years (until 30.5.2030)", "2030年5月30日まで", "05/06/2030", "令和元年", "three years after purchase", "99/99/9999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, faults := ReadSupport(text)
		if len(faults) == 0 && s.End.IsZero() && s.DurationMonths == 0 {
			t.Errorf("%q: got neither a period nor a question", text)
		}
		if !s.End.IsZero() && DateOf(s.End.Start(time.UTC), time.UTC) != s.End {
			t.Errorf("%q: got %v, which no calendar has", text, s.End)
		}
	})
}
