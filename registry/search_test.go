package registry_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/match"
)

// find returns all that a search finds, page by page.
func find(tb testing.TB, r *registry.Registry, q registry.SearchQuery) (codes []verify.Code) {
	tb.Helper()
	if q.Limit == 0 {
		q.Limit = 7
	}
	q.Count = true
	total := int64(-1)
	for {
		page, err := r.Search(context.Background(), q)
		if err != nil {
			tb.Fatalf("%+v: %v", q, err)
		}
		if q.After != "" && page.Total != total {
			tb.Fatalf("%+v: got a total of %d, and before %d", q, page.Total, total)
		}
		total = page.Total
		for _, h := range page.Hits {
			codes = append(codes, h.Code)
		}
		if len(page.Hits) > q.Limit {
			tb.Fatalf("%+v: %d hits", q, len(page.Hits))
		}
		if page.Next == "" {
			if total != int64(len(codes)) {
				tb.Fatalf("%+v: got a total of %d, want %d", q, total, len(codes))
			}
			return codes
		}
		q.After = page.Next
	}
}

// shelf makes records of random words, and keeps what each was ever called.
type shelf struct {
	*registrytest.Kit
	rng     *rand.Rand
	records []*shelved // in the order they were entered
}

type shelved struct {
	code                      verify.Code
	scheme                    verify.Scheme
	product, holder, category []string // texts as they were given
}

var (
	namesEN    = []string{"Outdoor Camera", "outdoor camera", "Smart Lock", "Wi-Fi Router", "Café Light", "Door-Bell 2", "Hub", "Light", "ＯＵＴＤＯＯＲ"}
	namesJA    = []string{"屋外カメラ", "屋内ｶﾒﾗ", "スマート・ロック", "無線ルーター", "ガス警報器", "かめら", "ドアホン", "照明 ライト", "鍵"}
	brands     = []string{"AOBA", "青葉", "Ｋｏｂｏ", "みどり", "ミドリ電器", "NORTH-WIND"}
	categories = []string{"network camera", "ルーター", "smart lock", "照明"}
	holders    = []string{"Aoba Networks KK", "株式会社青葉", "みどり電器", "Northwind Ltd", "㈱カメラのキタ", "Camera & Co"}
)

func (s *shelf) pick(of []string) string { return of[s.rng.IntN(len(of))] }

func (s *shelf) models(r *shelved) (models []any) {
	first := s.rng.IntN(100)
	for i := range 1 + s.rng.IntN(3) {
		name := fmt.Sprintf("%s-%d%c", []string{"WX", "ｗｙ", "カ"}[s.rng.IntN(3)], first+i, 'A'+rune(i))
		item := gtin(s.rng.Int64N(1_000_000_000))
		models = append(models, map[string]any{"model": name, "gtins": []any{item}})
		r.product = append(r.product, name, strings.Repeat("0", 14-len(item))+item)
	}
	return models
}

func (s *shelf) name(r *shelved) map[string]any {
	en, ja := s.pick(namesEN), s.pick(namesJA)
	r.product = append(r.product, en, ja)
	return map[string]any{"en": en, "ja": ja}
}

func (s *shelf) holder(r *shelved) map[string]any {
	en, ja := s.pick(holders), s.pick(holders)
	r.holder = append(r.holder, en, ja)
	return map[string]any{"en": en, "ja": ja}
}

// grow enters a record, or amends one.
func (s *shelf) grow(tb testing.TB) {
	tb.Helper()
	if len(s.records) > 0 && s.rng.IntN(4) == 0 {
		s.amend(tb, s.records[s.rng.IntN(len(s.records))])
		return
	}
	r := &shelved{code: registrytest.Code(s.rng.Int64N(1 << 50)), scheme: verify.JCSTAR}
	product := func(body map[string]any) {
		p := body["product"].(map[string]any)
		p["name"], p["brand"], p["category"], p["models"] = s.name(r), s.pick(brands), s.pick(categories), s.models(r)
		r.product = append(r.product, p["brand"].(string), string(r.code))
		r.category = append(r.category, p["category"].(string))
	}
	var token []byte
	if s.rng.IntN(2) == 0 {
		token = s.Say(tb, verify.LabelIssued, r.code, func(m map[string]any) {
			label := m["label"].(map[string]any)
			product(label)
			label["holder"].(map[string]any)["name"] = s.holder(r)
			r.product = append(r.product, label["number"].(string))
		})
	} else {
		r.scheme = verify.PSTI
		token = s.Say(tb, verify.DeclarationPublished, r.code, func(m map[string]any) {
			d := m["declaration"].(map[string]any)
			product(d)
			d["issued"] = "2026-05-01"
			for _, p := range d["parties"].([]any) {
				p.(map[string]any)["name"] = s.holder(r)
			}
		})
	}
	s.Append(tb, token)
	s.records = append(s.records, r)
}

func (s *shelf) amend(tb testing.TB, r *shelved) {
	tb.Helper()
	kind := verify.LabelAmended
	if r.scheme == verify.PSTI {
		kind = verify.DeclarationAmended
	}
	s.Clock.Set(s.Clock.Now().Add(time.Second))
	s.Append(tb, s.Say(tb, kind, r.code, func(m map[string]any) {
		for k := range m {
			if !slices.Contains([]string{"kind", "id", "origin", "by", "made", "code"}, k) {
				delete(m, k)
			}
		}
		m["models"] = s.models(r)
		if r.scheme == verify.JCSTAR {
			m["name"] = s.name(r)
			m["holder"] = map[string]any{"name": s.holder(r), "address": "1 Test Street"}
		}
	}))
}

// scan is what a search finds, by reading everything.
func (s *shelf) scan(q registry.SearchQuery) (codes []verify.Code) {
	has := func(texts []string, asked string) bool {
		for _, word := range strings.Fields(asked) {
			if w := match.Fold(word); !slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(match.Fold(t), w) }) {
				return false
			}
		}
		return true
	}
	var first, others []verify.Code
	words, _ := match.Words(q.Text) // each once, as they are asked for
	whole := strings.Join(words, "")
	for _, r := range slices.Backward(s.records) {
		all := slices.Concat(r.product, r.holder, r.category)
		switch {
		case q.Scheme != "" && q.Scheme != r.scheme, !has(all, q.Text), !has(r.holder, q.Holder), !has(r.category, q.Category):
		case slices.ContainsFunc(all, func(t string) bool { return strings.HasPrefix(match.Fold(t), whole) }):
			first = append(first, r.code)
		default:
			others = append(others, r.code)
		}
	}
	return append(first, others...)
}

// ask makes a query of a few characters of what some record was called.
func (s *shelf) ask() (q registry.SearchQuery) {
	part := func(texts []string) string {
		text := []rune(s.pick(texts))
		from := s.rng.IntN(len(text))
		text = text[from:min(len(text), from+2+s.rng.IntN(4))]
		if s.rng.IntN(2) == 0 {
			return strings.ToUpper(string(text))
		}
		return string(text)
	}
	r := s.records[s.rng.IntN(len(s.records))]
	all := slices.Concat(r.product, r.holder, r.category)
	if s.rng.IntN(8) > 0 {
		q.Text = part(all)
	}
	for s.rng.IntN(3) == 0 {
		q.Text += " " + part(all)
	}
	if s.rng.IntN(4) == 0 {
		q.Holder = part(r.holder)
	}
	if s.rng.IntN(4) == 0 {
		q.Category = part(r.category)
	}
	if s.rng.IntN(4) == 0 {
		q.Scheme = []verify.Scheme{verify.JCSTAR, verify.PSTI}[s.rng.IntN(2)]
	}
	q.Limit = 1 + s.rng.IntN(20)
	return q
}

func newShelf(tb testing.TB) *shelf {
	seed := uint64(time.Now().UnixNano())
	tb.Logf("seed %d", seed)
	k := registrytest.New(tb)
	k.Begin(tb)
	return &shelf{Kit: k, rng: rand.New(rand.NewPCG(seed, 0))}
}

// TestSearch: a search finds what reading everything finds, in the same order,
// however it is paged, while the log grows and after it was opened again.
func TestSearch(t *testing.T) {
	s := newShelf(t)
	for round := range 4 {
		for range 60 {
			s.grow(t)
		}
		if round == 2 {
			s.Reopen(t)
		}
		s.Indexed(t)
		found := 0
		for range 200 {
			q := s.ask()
			if _, refused := match.Words(q.Text); refused != nil {
				if _, err := s.Registry.Search(t.Context(), q); !errors.Is(err, refused) {
					t.Errorf("%+v: got %v, want %v", q, err, refused)
				}
				continue
			} else if w, err := match.Words(q.Holder + " " + q.Category); err != nil || len(w) == 0 && q.Holder+q.Category != "" {
				continue
			}
			if _, err := match.Words(q.Holder); err != nil {
				continue
			}
			got, want := find(t, s.Registry, q), s.scan(q)
			if !slices.Equal(got, want) {
				t.Fatalf("%+v: got %d %v, want %d %v", q, len(got), got, len(want), want)
			}
			found += len(got)
		}
		if found < 100 {
			t.Errorf("only %d records were found", found)
		}
	}
	s.CheckLog(t)
}

// TestSearchFolds: the same words, however they are typed.
func TestSearchFolds(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	code := registrytest.Code(7)
	k.Append(t, k.Say(t, verify.LabelIssued, code, func(m map[string]any) {
		label := m["label"].(map[string]any)
		label["holder"].(map[string]any)["name"] = map[string]any{"en": "Aoba Networks", "ja": "青葉ネットワークス"}
		p := label["product"].(map[string]any)
		p["name"] = map[string]any{"en": "Outdoor Camera", "ja": "屋外ｶﾒﾗ ガード"}
		p["models"] = []any{map[string]any{"model": "ＷＸ－100", "gtins": []any{"4912345678904"}}}
	}))
	k.Indexed(t)
	for _, text := range []string{"カメ", "ｶﾒ", "かめ", "ｶﾞｰﾄﾞ", "屋外", "青葉", "ねっと", "ＣＡＭＥＲＡ", "cAm", "wx100", "WX-1", "wx 100",
		"camera カメラ", "カメラ　ＯＵＴ", "4912345678904", "678904", string(code), code.Printed(), "n-" + string(code)} {
		if got := find(t, k.Registry, registry.SearchQuery{Text: text}); !slices.Equal(got, []verify.Code{code}) {
			t.Errorf("%q: got %v, want %v", text, got, code)
		}
	}
	for _, text := range []string{"カヌ", "かど", "camera bell", "wx 1001", "meraout"} {
		if got := find(t, k.Registry, registry.SearchQuery{Text: text}); len(got) != 0 {
			t.Errorf("%q: got %v, want nothing", text, got)
		}
	}
	for _, test := range []struct {
		query registry.SearchQuery
		want  error
	}{
		{registry.SearchQuery{Text: "鍵"}, match.ErrShort},
		{registry.SearchQuery{Text: "屋外 鍵"}, match.ErrShort},
		{registry.SearchQuery{Holder: "x"}, match.ErrShort},
		{registry.SearchQuery{Category: "-"}, match.ErrShort},
		{registry.SearchQuery{Text: "aa bb cc dd ee ff gg hh ii"}, match.ErrMany},
		{registry.SearchQuery{After: "2-1"}, registry.ErrCursor},
		{registry.SearchQuery{After: "0"}, registry.ErrCursor},
		{registry.SearchQuery{After: "0-+1"}, registry.ErrCursor},
		{registry.SearchQuery{After: "01-1"}, registry.ErrCursor},
		{registry.SearchQuery{After: "0-1x"}, registry.ErrCursor},
		{registry.SearchQuery{After: "0--1"}, registry.ErrCursor},
	} {
		if _, err := k.Registry.Search(t.Context(), test.query); !errors.Is(err, test.want) {
			t.Errorf("%+v: got %v, want %v", test.query, err, test.want)
		}
	}
}

// TestSearchFar: a word is found and counted wherever it stands in long texts, and is
// not where only its parts stand there.
func TestSearchFar(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	var want []verify.Code
	for i := range 140 {
		name, code := strings.Repeat("p", 1+i)+"wayz", registrytest.Code(int64(i))
		if i%2 == 0 {
			name = strings.Repeat("p", 1+i) + "wa-q-yz"
		} else {
			want = append(want, code)
		}
		k.Append(t, k.Say(t, verify.LabelIssued, code, func(m map[string]any) {
			m["label"].(map[string]any)["product"].(map[string]any)["name"] = map[string]any{"en": "yz" + strings.Repeat("o", 101), "ja": name}
		}))
	}
	k.Indexed(t)
	slices.Reverse(want)
	for _, text := range []string{"wayz", "pwayz", "wayz oooo"} {
		if got := find(t, k.Registry, registry.SearchQuery{Text: text}); !slices.Equal(got, want) {
			t.Errorf("%q: got %d records, want %d", text, len(got), len(want))
		}
	}
}

// TestSearchWhileGrowing: the pages of one search show every record that was
// there when it began, and none twice, though the log grows between them.
func TestSearchWhileGrowing(t *testing.T) {
	s := newShelf(t)
	for range 80 {
		s.grow(t)
	}
	s.Indexed(t)
	for _, text := range []string{"", "カメラ", "wx"} {
		want := s.scan(registry.SearchQuery{Text: text})
		if len(want) < 10 {
			t.Fatalf("%q: only %d records", text, len(want))
		}
		var got []verify.Code
		q := registry.SearchQuery{Text: text, Limit: 4}
		for {
			page, err := s.Registry.Search(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for i, h := range page.Hits {
				got = append(got, h.Code)
				if i == 1 && len(page.Hits) == 4 && len(got)%3 == 0 {
					page.Next = h.Next // go on after the second of them
					break
				}
			}
			if q.After = page.Next; q.After == "" {
				break
			}
			if s.rng.IntN(4) == 0 {
				for n := len(s.records); len(s.records) < n+3; {
					s.grow(t)
				}
				s.Indexed(t)
			}
		}
		seen := map[verify.Code]int{}
		for _, code := range got {
			seen[code]++
			if seen[code] > 1 {
				t.Errorf("%q: %s is shown twice", text, code)
			}
		}
		missed := 0
		for _, code := range want {
			if seen[code] == 0 {
				missed++
			}
		}
		// A record that was amended meanwhile may now be among those that come first.
		if text == "" && missed > 0 || missed > 3 {
			t.Errorf("%q: %d of %d are missed", text, missed, len(want))
		}
	}
}
