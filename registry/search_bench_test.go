package registry_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/match"
)

// catalogue is a registry of n labels whose products have names of three words.
func catalogue(b *testing.B, n int64) *registrytest.Kit {
	b.Helper()
	k := registrytest.New(b)
	k.Begin(b)
	rng := rand.New(rand.NewPCG(1, 2))
	places := []string{"屋外", "屋内", "寝室", "台所", "玄関", "庭", "車庫", "事務所", "店舗", "工場"}
	kinds := []string{"カメラ", "ルーター", "スマートロック", "照明", "警報器", "温度計", "ドアホン", "掃除機", "空気清浄機", "スピーカー"}
	english := []string{"Camera", "Router", "Lock", "Light", "Alarm", "Meter", "Doorbell", "Cleaner", "Purifier", "Speaker"}
	pick := func(of []string) string { return of[rng.IntN(len(of))] }
	for first := int64(0); first < n; first += 10_000 {
		tokens := make([][]byte, min(10_000, n-first))
		for i := range tokens {
			kind, serial := rng.IntN(len(kinds)), first+int64(i)
			tokens[i] = k.Say(b, verify.LabelIssued, registrytest.Code(rng.Int64N(1<<55)), func(m map[string]any) {
				label := m["label"].(map[string]any)
				label["holder"].(map[string]any)["name"] = map[string]any{"en": fmt.Sprint("Maker ", rng.IntN(500)), "ja": fmt.Sprint("製造", rng.IntN(500), "株式会社")}
				p := label["product"].(map[string]any)
				p["name"] = map[string]any{"en": english[kind] + fmt.Sprintf(" %c%c", 'A'+rng.IntN(26), 'A'+rng.IntN(26)), "ja": pick(places) + kinds[kind] + pick(kinds)}
				p["brand"] = fmt.Sprintf("Brand%c%c", 'A'+rng.IntN(26), 'A'+rng.IntN(26))
				p["models"] = []any{map[string]any{"model": fmt.Sprintf("%c%c-%d", 'A'+rng.IntN(26), 'A'+rng.IntN(26), serial), "gtins": []any{gtin(serial)}}}
			})
		}
		appendAll(b, k.Registry, tokens)
	}
	return k
}

// BenchmarkSearch searches 100,000 labels for a page of 20. The answers are kept
// folded for codes that were found lately; those of a query that was not asked
// lately cost what a look-up costs, each.
func BenchmarkSearch(b *testing.B) {
	k := catalogue(b, 100_000)
	began := time.Now()
	k.Indexed(b)
	b.Logf("indexed %v after the last was entered", time.Since(began).Round(time.Millisecond))
	if err := k.Registry.Close(); err != nil {
		b.Fatal(err)
	}
	if err := os.Remove(searchFile(k)); err != nil {
		b.Fatal(err)
	}
	k.Reopen(b)
	began = time.Now()
	k.Indexed(b)
	info, err := os.Stat(searchFile(k))
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("indexed anew in %v, %d bytes a label", time.Since(began).Round(time.Millisecond), info.Size()/100_000)
	for _, q := range []struct{ name, text, scheme string }{
		{"two characters", "屋外", ""},
		{"two characters inside", "ラス", ""},
		{"two characters in few", "ｘｑ", ""},
		{"two words", "玄関 スピーカー", ""},
		{"number", "06789", ""},
		{"no hit", "寝台列車", ""},
		{"no hit of common pairs", "ーター屋", ""},
		{"all", "", ""},
		{"scheme", "カメ", string(verify.JCSTAR)},
	} {
		b.Run(q.name, func(b *testing.B) {
			hits := 0
			for b.Loop() {
				page, err := k.Registry.Search(context.Background(), registry.SearchQuery{Text: q.text, Scheme: verify.Scheme(q.scheme), Limit: 20, Count: true})
				if err != nil {
					b.Fatal(err)
				}
				hits = len(page.Hits)
			}
			b.ReportMetric(float64(hits), "hits")
		})
	}
	b.Run("any page of two characters", func(b *testing.B) {
		after := ""
		for b.Loop() {
			page, err := k.Registry.Search(context.Background(), registry.SearchQuery{Text: "カメ", After: after, Limit: 20})
			if err != nil {
				b.Fatal(err)
			}
			after = page.Next
		}
	})
}

// BenchmarkAppendSearched appends one by one, and by 64 writers, while the search
// index follows the log, and while none does.
func BenchmarkAppendSearched(b *testing.B) {
	for _, writers := range []int{1, 64} {
		for _, with := range []bool{false, true} {
			b.Run(fmt.Sprintf("writers=%d/index=%v", writers, with), func(b *testing.B) {
				k := registrytest.New(b)
				k.Begin(b)
				tokens := labels(b, k, 0, int64(b.N))
				if !with {
					registry.StopSearch(k.Registry)
				}
				b.ResetTimer()
				if writers > 1 {
					appendAll(b, k.Registry, tokens)
					return
				}
				for _, token := range tokens {
					k.Append(b, token)
				}
			})
		}
	}
}

func BenchmarkFold(b *testing.B) {
	for b.Loop() {
		match.Fold("屋外ｶﾒﾗ ＷＸ-100 スマートロック")
	}
}
