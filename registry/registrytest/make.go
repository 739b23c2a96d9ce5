package registrytest

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"tegata/verify"
)

// Begin makes the registry and enrols the story's parties. The clock then
// stands at noon of 1 June 2026, when its label and declaration could be issued.
func (k *Kit) Begin(tb testing.TB) {
	tb.Helper()
	k.Play(tb, time.Date(2026, 1, 1, 0, 0, 10, 0, time.UTC))
	k.Clock.Set(time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC))
}

// Code returns the code whose random part is n.
func Code(n int64) verify.Code {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	return verify.NewCode([7]byte(b[1:]))
}

// ID returns a fresh statement id.
func ID() string {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(err)
	}
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Make returns the first statement of the kind that the story tells, with an id
// of its own, made now, about the code, where it is about one, and under a
// number of its own, where it has one; and then changed, if change is not nil.
func (k *Kit) Make(tb testing.TB, kind verify.Kind, code verify.Code, change func(m map[string]any)) []byte {
	tb.Helper()
	for _, l := range k.Story(tb) {
		if l.Head.Kind != kind {
			continue
		}
		var m map[string]any
		check(tb, json.Unmarshal(l.Payload, &m))
		m["id"] = ID()
		m["made"] = k.Clock.Now().UTC().Format("2006-01-02T15:04:05Z")
		if kind.AboutCode() {
			m["code"] = code
		}
		if label, ok := m["label"].(map[string]any); ok {
			label["number"] = "N-" + string(code)
		}
		if change != nil {
			change(m)
		}
		payload, err := json.Marshal(m)
		check(tb, err)
		return payload
	}
	tb.Fatalf("the story has no %s", kind)
	return nil
}

// Say seals what Make returns with the key of the party it says it is by.
func (k *Kit) Say(tb testing.TB, kind verify.Kind, code verify.Code, change func(m map[string]any)) []byte {
	tb.Helper()
	payload := k.Make(tb, kind, code, change)
	var h verify.Head
	check(tb, json.Unmarshal(payload, &h))
	return k.Seal(tb, h.By, payload)
}
