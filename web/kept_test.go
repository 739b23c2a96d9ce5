package web

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"tegata/registry/registrytest"
	"tegata/verify"
)

// TestKept: an answer says the same for as long as it may be kept, whenever it was
// given: shortly before it changes by itself too, and within a second.
func TestKept(t *testing.T) {
	all := map[int]int{} // ages that were given
	changed := 0
	for seed := range uint64(2) {
		k := registrytest.New(t)
		k.Begin(t)
		history := registrytest.NewHistory(k, seed)
		for range 40 {
			k.Registry.Append(t.Context(), history.Next(t)) // some may not be entered
		}
		k.Indexed(t)
		h, err := NewHandler(Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		codes := slices.Concat(history.Labels(), history.Declarations())
		addresses := []string{"/api/v1/rules", "/law", "/api/v1/records", "/search?status=valid", "/api/v1/records?status=valid",
			"/api/v1/records?lapsing=30", "/api/v1/records?lapsing=90&in=JP", "/api/v1/records?outcome=treated_as_compliant"}
		for _, code := range codes {
			addresses = append(addresses, "/v/"+string(code)+"?in=GB", "/records/"+string(code), "/whatif/"+string(code), "/api/v1/whatif/"+string(code),
				"/application/"+string(code), "/api/v1/applications/"+string(code))
			for _, in := range verify.Jurisdictions {
				addresses = append(addresses, fmt.Sprintf("/api/v1/verify/%s?in=%s", code, in))
			}
		}
		addresses = append(addresses, "/api/v1/changes", "/01/04912345678904", "/01/04912345678904?linkType=linkset", "/report", "/api/v1/verify?model=WX-100", "/?q=WX-100", fmt.Sprintf("/api/v1/verify/%s?known=%d", codes[0], k.Registry.Head().Size-1),
			fmt.Sprintf("/api/v1/verify/%s?in=JP&at=%s", codes[3], k.Clock.Now().AddDate(0, 2, 0).Format(time.DateOnly)))
		random := rand.New(rand.NewPCG(seed, 1))
		for range 12 {
			for range 3 {
				k.Registry.Append(t.Context(), history.Next(t))
			}
			k.Indexed(t)
			k.Clock.Set(nextChange(t, h, codes, k.Clock.Now()).Add(-time.Duration(random.IntN(40_000)) * time.Millisecond))
			given := k.Clock.Now()
			for _, address := range addresses {
				k.Clock.Set(given)
				first := visit(h, address)
				if first.Code == http.StatusSeeOther {
					continue // to the only record that fits
				}
				age := ageOf(t, first.Header().Get("Cache-Control"))
				all[age]++
				if age > 30 {
					t.Fatalf("%s may be kept for %d s", address, age)
				}
				if age > 0 {
					k.Clock.Set(given.Add(time.Duration(age)*time.Second - time.Millisecond))
				}
				if again := visit(h, address); age > 0 && again.Header().Get("ETag") != first.Header().Get("ETag") {
					t.Fatalf("%s at %s: kept for %d s it is another:\n%s\n%s", address, given.Format(time.RFC3339Nano), age, first.Body, again.Body)
				}
				k.Clock.Set(given.Add(maxAge))
				if visit(h, address).Header().Get("ETag") != first.Header().Get("ETag") {
					changed++
				}
			}
			k.Clock.Set(given.Add(2 * maxAge))
		}
	}
	if all[30] == 0 || all[0] == 0 || len(all) < 8 || changed < 50 {
		t.Errorf("got ages %v and %d changes within the longest: too few to tell", all, changed)
	}
}

// nextChange is the first instant after now at which an answer about one of the
// codes changes by itself.
func nextChange(t *testing.T, h http.Handler, codes []verify.Code, now time.Time) (next time.Time) {
	t.Helper()
	for _, code := range codes {
		for _, in := range verify.Jurisdictions {
			var v verify.Verdict
			if err := json.Unmarshal(visit(h, fmt.Sprintf("/api/v1/verify/%s?in=%s", code, in)).Body.Bytes(), &v); err != nil {
				t.Fatal(err)
			}
			next = sooner(next, v.NextChange)
		}
	}
	if next.IsZero() {
		return now.Add(24 * time.Hour)
	}
	return next
}

func ageOf(t *testing.T, cache string) int {
	t.Helper()
	if cache == cacheNever || cache == cacheAsk {
		return 0
	}
	m := regexp.MustCompile(`^public, max-age=(\d+)$`).FindStringSubmatch(cache)
	if m == nil {
		t.Fatalf("got Cache-Control %q", cache)
	}
	age, err := strconv.Atoi(m[1])
	if err != nil {
		t.Fatal(err)
	}
	return age
}

// TestMatchesTag: lists, weak and strong tags, and the star.
func TestMatchesTag(t *testing.T) {
	for _, test := range []struct {
		header, tag string
		want        bool
	}{
		{`"a"`, `"a"`, true}, {`W/"a"`, `"a"`, true}, {`"a"`, `W/"a"`, true}, {`"b", W/"a"`, `W/"a"`, true}, {`*`, `"a"`, true},
		{``, `"a"`, false}, {`"b"`, `"a"`, false}, {`a`, `"a"`, false}, {`"a`, `"a"`, false},
	} {
		if got := matchesTag(test.header, test.tag); got != test.want {
			t.Errorf("%s against %s: got %t", test.header, test.tag, got)
		}
	}
}
