package registrytest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"tegata/verify"
)

// Shelf enters n labels, of the codes Code(1_000_000) on, each with a model and a
// trade item of its own: see ShelfModel and ShelfGTIN.
func (k *Kit) Shelf(tb testing.TB, n int) {
	tb.Helper()
	text := k.Make(tb, verify.LabelIssued, "CODE", func(m map[string]any) {
		m["id"] = "ID"
		m["label"].(map[string]any)["product"].(map[string]any)["models"] = []any{map[string]any{"model": "MODEL", "gtins": []any{"ITEM"}}}
	})
	var h verify.Head
	check(tb, json.Unmarshal(bytes.Replace(text, []byte(`"CODE"`), []byte(`"000000000012"`), 1), &h))
	signer := k.Signers[h.By]
	var all sync.WaitGroup
	const writers = 900 // as many as may wait for one transaction
	for w := range writers {
		all.Go(func() {
			for i := w; i < n; i += writers {
				payload := text
				for old, now := range map[string]string{`"ID"`: ID(), `"CODE"`: string(ShelfCode(i)), `"N-CODE"`: fmt.Sprint("N-", ShelfCode(i)), `"MODEL"`: ShelfModel(i), `"ITEM"`: ShelfGTIN(i)} {
					payload = bytes.Replace(payload, []byte(old), []byte(`"`+now+`"`), 1)
				}
				token, err := signer.Seal(payload)
				if err == nil {
					_, err = k.Registry.Append(context.Background(), []byte(token))
				}
				if err != nil {
					tb.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

// ShelfCode is the code of label i of a shelf.
func ShelfCode(i int) verify.Code { return Code(1_000_000 + int64(i)) }

// ShelfModel is its model.
func ShelfModel(i int) string { return fmt.Sprint("SH-", i) }

// ShelfGTIN is its trade item number, of 13 digits.
func ShelfGTIN(i int) string {
	for check := range 10 {
		s := fmt.Sprintf("%012d%d", 100_000_000_000+i, check)
		if _, err := verify.ParseGTIN(s); err == nil {
			return s
		}
	}
	panic("no check digit fits")
}
