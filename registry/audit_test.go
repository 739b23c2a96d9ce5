package registry_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/verify"
	"tegata/verify/tlog"
)

// TestEditedFile changes rows of the file as somebody could who lacks the keys
// of the log and of the parties, and can write it.
func TestEditedFile(t *testing.T) {
	p := newPatient(t)
	rows, err := registry.RawRows(p.path)
	if err != nil {
		t.Fatal(err)
	}
	rowsOf := func(bucket string) []registry.RawRow {
		return slices.DeleteFunc(slices.Clone(rows), func(r registry.RawRow) bool { return r.Bucket != bucket })
	}
	drop := func(r registry.RawRow) registry.RawRow { return registry.RawRow{Bucket: r.Bucket, Key: r.Key} }
	entry := func(i int64) []byte { return rowsOf("entry")[i].Value }
	rowOf := func(bucket, key string) registry.RawRow {
		t.Helper()
		for _, r := range rowsOf(bucket) {
			if strings.HasPrefix(string(r.Key), key) {
				return r
			}
		}
		t.Fatalf("%s has no row %q", bucket, key)
		return registry.RawRow{}
	}
	// What the thief would like to be enrolled as.
	thief := p.Say(t, verify.PartyEnrolled, "", func(m map[string]any) {
		party := m["party"].(map[string]any)
		party["id"], party["keys"] = "thief", []any{p.Signer(t, "thief").Key().JWK()}
	})
	forged := tlog.Entry{Logged: p.Clock.Now(), Status: tlog.NoStatus, Token: string(p.Seal(t, "thief", p.Make(t, verify.PartyEnrolled, "", func(m map[string]any) {
		party := m["party"].(map[string]any)
		party["id"], party["keys"] = "thief", []any{p.Signer(t, "thief").Key().JWK()}
	})))}.Marshal()
	other := registrytest.Code(101)

	for _, c := range []struct {
		name  string
		edits []registry.RawRow
		want  string // in the first thing that is found
	}{
		{"entry missing", []registry.RawRow{drop(rowsOf("entry")[20])}, "entry 20"},
		{"first entry missing", []registry.RawRow{drop(rowsOf("entry")[0])}, "entry 0"},
		{"last entry missing", []registry.RawRow{drop(rowsOf("entry")[p.size-1])}, "entry 38"},
		{"entry in the place of another", []registry.RawRow{{Bucket: "entry", Key: registry.Number(20), Value: entry(21)}}, "entry 20"},
		{"entries swapped", []registry.RawRow{{Bucket: "entry", Key: registry.Number(20), Value: entry(21)}, {Bucket: "entry", Key: registry.Number(21), Value: entry(20)}}, "entry 20"},
		{"entry empty", []registry.RawRow{{Bucket: "entry", Key: registry.Number(20), Value: []byte{}}}, "entry 20"},
		{"hash missing", []registry.RawRow{drop(rowsOf("hash")[30])}, ""},
		{"hash of another", []registry.RawRow{{Bucket: "hash", Key: registry.Number(30), Value: rowsOf("hash")[31].Value}}, ""},
		{"hash too short", []registry.RawRow{{Bucket: "hash", Key: registry.Number(30), Value: rowsOf("hash")[30].Value[:31]}}, ""},
		{"head missing", []registry.RawRow{drop(rowsOf("head")[0])}, "head"},
		{"two heads", []registry.RawRow{{Bucket: "head", Key: []byte("other"), Value: []byte("x")}}, "bucket head"},
		{"revocation hidden", []registry.RawRow{drop(registry.RawRow{Bucket: "code", Key: append([]byte(router), registry.Number(23)...)})}, "index code of entry 23"},
		{"revocation under another code", []registry.RawRow{{Bucket: "code", Key: append([]byte(other), registry.Number(23)...), Value: []byte{}}}, "index code"},
		{"code's row past the head", []registry.RawRow{{Bucket: "code", Key: append([]byte(other), registry.Number(1000)...), Value: []byte{}}}, "past the head"},
		{"code's row cut", []registry.RawRow{{Bucket: "code", Key: append([]byte(other), 1), Value: []byte{}}}, "index code"},
		{"retired key in force", []registry.RawRow{drop(rowsOf("governance")[8])}, "index governance"},
		{"governance of a label", []registry.RawRow{{Bucket: "governance", Key: registry.Number(20), Value: []byte{}}}, "index governance"},
		{"party enrolled by nobody", []registry.RawRow{
			{Bucket: "entry", Key: registry.Number(p.size), Value: forged}, {Bucket: "governance", Key: registry.Number(p.size), Value: []byte{}},
		}, "entry 39"},
		{"party enrolled by the operator, and not logged", []registry.RawRow{
			{Bucket: "entry", Key: registry.Number(p.size), Value: tlog.Entry{Logged: p.Clock.Now(), Status: tlog.NoStatus, Token: string(thief)}.Marshal()},
			{Bucket: "governance", Key: registry.Number(p.size), Value: []byte{}},
		}, "entry 39"},
		{"entry past the head", []registry.RawRow{{Bucket: "entry", Key: registry.Number(p.size), Value: forged}}, "bucket entry"},
		{"id lost", []registry.RawRow{drop(rowsOf("id")[5])}, "index id"},
		{"ids swapped", []registry.RawRow{{Bucket: "id", Key: rowsOf("id")[5].Key, Value: rowsOf("id")[6].Value}, {Bucket: "id", Key: rowsOf("id")[6].Key, Value: rowsOf("id")[5].Value}}, "index id"},
		{"numbers swapped", []registry.RawRow{
			{Bucket: "number", Key: rowOf("number", "jc-star\x00DEMO-2026-000123").Key, Value: rowOf("number", "jc-star\x00DEMO-2026-000456").Value},
			{Bucket: "number", Key: rowOf("number", "jc-star\x00DEMO-2026-000456").Key, Value: rowOf("number", "jc-star\x00DEMO-2026-000123").Value},
		}, "index number"},
		{"number of what says no number", []registry.RawRow{{Bucket: "number", Key: rowOf("number", "jc-star\x00DEMO-2026-000123").Key, Value: registry.Number(1)}}, "index number"},
		{"number lost", []registry.RawRow{drop(rowsOf("number")[0])}, "index number"},
		{"model of another record", []registry.RawRow{{Bucket: "model", Key: []byte("WX100\x00" + string(declaration)), Value: registry.Number(11)}}, "index model"},
		{"model of a code never used", []registry.RawRow{{Bucket: "model", Key: []byte("WX100\x00" + string(registrytest.Code(99))), Value: registry.Number(11)}}, "index model"},
		{"trade item of another record", []registry.RawRow{{Bucket: "gtin", Key: []byte("04912345678904\x00" + string(declaration)), Value: registry.Number(11)}}, "index gtin"},
		{"model of a later entry", []registry.RawRow{{Bucket: "model", Key: []byte("WX100\x00" + string(registrytest.Code(111))), Value: registry.Number(p.size - 1)}}, "index model of entry 37: its row points elsewhere"},
		{"holder lost", []registry.RawRow{drop(rowsOf("holder")[3])}, "index holder"},
		{"status list lost", []registry.RawRow{drop(rowsOf("status")[0])}, "index status"},
		{"status list doubled", []registry.RawRow{{Bucket: "status", Key: registry.Number(1 << 30), Value: rowsOf("status")[0].Value}}, "index status"},
		{"row of nothing", []registry.RawRow{{Bucket: "gtin", Key: []byte("x"), Value: []byte("x")}}, "not a row"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.heal(t)
			if err := registry.EditFile(p.path, c.edits...); err != nil {
				t.Fatal(err)
			}
			if found := p.examine(t, c.name); found == "" || !strings.Contains(found, c.want) {
				t.Errorf("found %q, want %q", found, c.want)
			}
		})
	}
}

// TestOldHead puts back an older head: what came after it is found.
func TestOldHead(t *testing.T) {
	p := newPatient(t)
	old, err := p.Registry.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	p.Append(t, p.Say(t, verify.LabelPractice, registrytest.Code(100), nil))
	p.heal(t)
	if err := registry.EditFile(p.path, registry.RawRow{Bucket: "head", Key: []byte("checkpoint"), Value: bytes.Clone(old)}); err != nil {
		t.Fatal(err)
	}
	if found := p.examine(t, "older head"); !strings.Contains(found, "past the head") {
		t.Errorf("found %q, want what is past the head", found)
	}

	// Nothing may be entered over it: there would be two histories.
	r, err := registry.Open(p.path, p.Config)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if receipt, err := r.Append(context.Background(), p.Say(t, verify.LabelPractice, registrytest.Code(101), nil)); !errors.Is(err, registry.ErrDamaged) {
		t.Errorf("got %+v, %v, want %v", receipt, err, registry.ErrDamaged)
	}
}

func TestAuditCancelled(t *testing.T) {
	p := newPatient(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := p.Registry.Audit(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	var last int64
	if _, err := p.Registry.Audit(context.Background(), func(done, of int64) {
		if done < last || of != p.size {
			t.Errorf("progress went from %d to %d of %d", last, done, of)
		}
		last = done
	}); err != nil || last != p.size {
		t.Errorf("progress ended at %d of %d, %v", last, p.size, err)
	}
}
