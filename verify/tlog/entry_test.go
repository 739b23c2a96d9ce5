package tlog

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

const goodEntry = "tegata-entry/v1\n1795392000123\n4711\neyJhbGciOiJFZERTQSJ9.e30.c2ln"

func TestEntry(t *testing.T) {
	e, err := ParseEntry([]byte(goodEntry))
	if err != nil {
		t.Fatal(err)
	}
	want := Entry{
		Logged: time.Date(2026, 11, 23, 0, 0, 0, 123e6, time.UTC),
		Status: 4711,
		Token:  "eyJhbGciOiJFZERTQSJ9.e30.c2ln",
	}
	if e != want {
		t.Errorf("got %v, want %v", e, want)
	}
	if got := string(e.Marshal()); got != goodEntry {
		t.Errorf("got %q, want %q", got, goodEntry)
	}
	e.Status = NoStatus
	if got, want := string(e.Marshal()), strings.Replace(goodEntry, "4711", "-", 1); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	e.Logged = e.Logged.In(time.FixedZone("JST", 9*60*60))
	back, err := ParseEntry(e.Marshal())
	if err != nil || back.Logged != want.Logged || back.Status != NoStatus {
		t.Errorf("got %v, %v, want the same instant in UTC", back, err)
	}
}

func TestParseEntry(t *testing.T) {
	fill := MaxEntry - len(goodEntry)
	for _, c := range []struct {
		name, old, new string
		ok             bool
	}{
		{"as it is", "", "", true},
		{"largest", "c2ln", "c2ln" + strings.Repeat("x", fill), true},
		{"one over", "c2ln", "c2ln" + strings.Repeat("x", fill+1), false},
		{"no status", "4711", "-", true},
		{"status 0", "4711", "0", true},
		{"instant 0", "1795392000123", "0", true},
		{"last instant", "1795392000123", "253402300799999", true},
		{"year 10000", "1795392000123", "253402300800000", false},
		{"instant negative", "1795", "-1795", false},
		{"instant with sign", "1795", "+1795", false},
		{"instant with zero in front", "1795", "01795", false},
		{"instant empty", "1795392000123", "", false},
		{"instant beyond 64 bits", "1795392000123", "17953920001230000000", false},
		{"status negative", "4711", "-1", false},
		{"status with sign", "4711", "+4711", false},
		{"status with zero in front", "4711", "04711", false},
		{"status empty", "4711", "", false},
		{"status in hexadecimal", "4711", "0x1", false},
		{"status in other digits", "4711", "４７１１", false},
		{"final newline", "c2ln", "c2ln\n", false},
		{"carriage return", "4711\n", "4711\r\n", false},
		{"other version", "v1", "v2", false},
		{"no header", "tegata-entry/v1\n", "", false},
		{"no token", "eyJhbGciOiJFZERTQSJ9.e30.c2ln", "", false},
		{"space in token", ".e30", " .e30", false},
		{"tab in token", ".e30", "\t.e30", false},
		{"delete in token", ".e30", "\x7f.e30", false},
		{"no ASCII in token", ".e30", "é.e30", false},
		{"no UTF-8 in token", ".e30", "\xff.e30", false},
	} {
		text := strings.Replace(goodEntry, c.old, c.new, 1)
		e, err := ParseEntry([]byte(text))
		switch {
		case !c.ok && !errors.Is(err, ErrMalformed):
			t.Errorf("%s: got %v, %v, want ErrMalformed", c.name, e, err)
		case c.ok && err != nil:
			t.Errorf("%s: got %v", c.name, err)
		case c.ok && string(e.Marshal()) != text:
			t.Errorf("%s: got %q, want %q", c.name, e.Marshal(), text)
		}
	}
}

// What could not be read out of the log again must not get into it.
func TestEntryMarshalPanics(t *testing.T) {
	for name, change := range map[string]func(*Entry){
		"no token":       func(e *Entry) { e.Token = "" },
		"two tokens":     func(e *Entry) { e.Token += "\n" + e.Token },
		"too long":       func(e *Entry) { e.Token = strings.Repeat("x", MaxEntry) },
		"status -2":      func(e *Entry) { e.Status = -2 },
		"before 1970":    func(e *Entry) { e.Logged = time.Time{} },
		"half a milli":   func(e *Entry) { e.Logged = e.Logged.Add(500 * time.Microsecond) },
		"after 9999":     func(e *Entry) { e.Logged = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"after int64 ms": func(e *Entry) { e.Logged = time.Unix(1<<61, 0) },
	} {
		e, err := ParseEntry([]byte(goodEntry))
		if err != nil {
			t.Fatal(err)
		}
		change(&e)
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: got no panic", name)
				}
			}()
			e.Marshal()
		}()
	}
}

func FuzzParseEntry(f *testing.F) {
	f.Add([]byte(goodEntry))
	f.Add([]byte("tegata-entry/v1\n0\n-\nx"))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := ParseEntry(b)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("got %v, want ErrMalformed", err)
			}
			return
		}
		if got := e.Marshal(); !bytes.Equal(got, b) {
			t.Errorf("got %q, want %q", got, b)
		}
	})
}
