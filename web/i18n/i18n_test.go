package i18n_test

import (
	"testing"
	"time"

	"tegata/verify"
	"tegata/web/i18n"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		query, accept string
		want          i18n.Language
	}{
		{"", "", i18n.English},
		{"ja", "en", i18n.Japanese},
		{"en", "ja", i18n.English},
		{"JA", "", i18n.Japanese},
		{"ja-JP", "", i18n.Japanese},
		{"", "ja,en-US;q=0.9,en;q=0.8", i18n.Japanese},
		{"", "en;q=0.8, ja", i18n.Japanese},
		{"", "en-GB,en;q=0.9", i18n.English},
		{"", "fr, ja;q=0.5", i18n.Japanese},
		{"", "fr", i18n.English},
		{"fr", "ja", i18n.Japanese}, // what is not spoken here is not asked for
		{"", "*", i18n.English},
		{"", "ja;q=0", i18n.English},
		{"", "\x00;;q=,", i18n.English},
		{"<script>", "ja", i18n.Japanese},
	} {
		i18n.Match(c.query, c.accept) // what is kept of it says the same
		if got := i18n.Match(c.query, c.accept); got != c.want {
			t.Errorf("%.40q, %.40q: got %s, want %s", c.query, c.accept, got, c.want)
		}
	}
}

func TestT(t *testing.T) {
	day := verify.Date{Year: 2028, Month: 3, Day: 31}
	for _, c := range []struct {
		lang i18n.Language
		key  string
		args []any
		want string
	}{
		{i18n.English, "status.valid", nil, "Valid"},
		{i18n.Japanese, "status.valid", nil, "有効"},
		{i18n.English, "headline.label.not_yet", []any{day}, "This label is valid only from 31 March 2028."},
		{i18n.Japanese, "headline.label.not_yet", []any{day}, "この適合ラベルが有効となるのは2028年3月31日からです。"},
		{i18n.English, "home.found", []any{"{1}", "{0}"}, "{1} records match “{0}”"}, // what is put in is not looked at again
		{i18n.English, "status.valid", []any{"spare"}, "Valid"},
	} {
		if got := c.lang.T(c.key, c.args...); got != c.want {
			t.Errorf("%s %s: got %q, want %q", c.lang, c.key, got, c.want)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a key without words: got no panic")
		}
	}()
	i18n.English.T("no.such.key")
}

func TestTimes(t *testing.T) {
	lapse := time.Date(2028, 3, 31, 15, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		lang i18n.Language
		zone *time.Location
		at   time.Time
		want string
	}{
		{i18n.English, time.UTC, lapse, "15:00 on 31 March 2028 (UTC)"},
		{i18n.English, verify.London, lapse, "16:00 on 31 March 2028 (UK time)"}, // summer time
		{i18n.English, verify.Tokyo, lapse, "00:00 on 1 April 2028 (Japan time)"},
		{i18n.Japanese, verify.Tokyo, lapse, "2028年4月1日00:00（日本時間）"},
		{i18n.Japanese, time.UTC, lapse.Add(-time.Second), "2028年3月31日14:59:59（協定世界時）"},
		{i18n.English, time.UTC, time.Time{}, ""},
	} {
		if got := c.lang.Instant(c.at, c.zone); got != c.want {
			t.Errorf("%s %s: got %q, want %q", c.lang, c.at, got, c.want)
		}
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1234: "-1,234", -123: "-123"} {
		if got := i18n.English.Count(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
	if got := i18n.English.Day(verify.Date{}); got != "" {
		t.Errorf("no day: got %q, want nothing", got)
	}
}
