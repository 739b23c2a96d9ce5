package registry_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/envelope"
)

// TestConcurrently lets eight write while others read and one audits.
func TestConcurrently(t *testing.T) {
	const writers, each = 8, 20
	k := registrytest.New(t)
	k.Begin(t)
	issued, said := labels(t, k, 0, writers*each), make([][]byte, writers*each)
	for i := range said {
		said[i] = k.Say(t, verify.LabelPractice, registrytest.Code(int64(i)), nil)
	}
	done := make(chan struct{})
	var reading, writing sync.WaitGroup
	for range 2 {
		reading.Go(func() {
			for i := int64(0); ; i++ {
				select {
				case <-done:
					return
				default:
				}
				code := registrytest.Code(i % (writers * each))
				head := k.Registry.Head()
				f, err := k.Registry.Lookup(context.Background(), code)
				if err != nil || f.Log.Size < head.Size || len(f.Entries) > 2 {
					t.Errorf("%s: %d entries at %d, %v", code, len(f.Entries), f.Log.Size, err)
				}
				if _, err := k.Registry.Find(context.Background(), registry.Query{Number: "N-" + string(code)}); err != nil {
					t.Errorf("%s: %v", code, err)
				}
				if _, err := k.Registry.Receipt(i % head.Size); err != nil {
					t.Errorf("receipt: %v", err)
				}
			}
		})
	}
	reading.Go(func() {
		for {
			k.CheckLog(t)
			select {
			case <-done:
				return
			default:
			}
		}
	})
	var mu sync.Mutex
	at := map[int64]string{}
	for w := range writers {
		writing.Go(func() {
			for i := w * each; i < (w+1)*each; i++ {
				for _, token := range [][]byte{issued[i], said[i]} {
					receipt, err := k.Registry.Append(context.Background(), token)
					if err != nil {
						t.Errorf("statement %d: %v", i, err)
						return
					}
					mu.Lock()
					if other, ok := at[receipt.Index]; ok {
						t.Errorf("index %d was given to %s too", receipt.Index, other)
					}
					at[receipt.Index] = fmt.Sprint(i)
					mu.Unlock()
				}
			}
		})
	}
	writing.Wait()
	close(done)
	reading.Wait()
	if got, want := k.Registry.Head().Size, int64(7+2*writers*each); got != want {
		t.Errorf("got a log of %d, want %d", got, want)
	}
	k.CheckLog(t)
}

// TestAuditDoesNotStopWriters holds an audit while statements are entered, more
// than the file had room for.
func TestAuditDoesNotStopWriters(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	more := labels(t, k, 0, 300)
	entered := false
	report, err := k.Registry.Audit(context.Background(), func(done, of int64) {
		if !entered {
			entered = true
			appendAll(t, k.Registry, more)
			lookup(t, k.Registry, registrytest.Code(1))
		}
	})
	if err != nil || len(report.Faults) != 0 || report.Size != 7 {
		t.Errorf("got %+v, %v, want 7 good entries", report, err)
	}
	k.CheckLog(t)
}

// TestKeyOfCompromise signs with a key that only a compromised key brought in.
func TestKeyOfCompromise(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	from := k.Clock.Now().Format(time.RFC3339)
	k.Append(t, k.Seal(t, "ipa", k.Make(t, verify.KeyAdded, "", func(m map[string]any) { m["from"] = from })))
	k.Append(t, k.Seal(t, "ipa+", k.Make(t, verify.KeyAdded, "", func(m map[string]any) {
		m["from"], m["key"] = from, k.Signer(t, "thief").Key().JWK()
	})))
	k.Append(t, k.Seal(t, "thief", k.Make(t, verify.LabelIssued, registrytest.Code(1), nil)))
	k.Append(t, k.Say(t, verify.KeyRetiredKind, "", func(m map[string]any) { m["from"] = from }))
	for range 2 {
		_, err := k.Registry.Append(context.Background(), k.Seal(t, "thief", k.Make(t, verify.LabelIssued, registrytest.Code(2), nil)))
		if !errors.Is(err, envelope.ErrKey) {
			t.Errorf("got %v, want %v", err, envelope.ErrKey)
		}
		k.Reopen(t)
	}
	if v := verify.Judge(lookup(t, k.Registry, registrytest.Code(1)), verify.Question{}); v.Validity.Status != verify.StatusUntrusted {
		t.Errorf("got %s, want %s", v.Validity.Status, verify.StatusUntrusted)
	}
	k.CheckLog(t)
}
