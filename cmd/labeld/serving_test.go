package main

import (
	"errors"
	"flag"
	"strings"
	"testing"
)

// TestServeSettings: every setting of labeld serve begins with a value that it
// takes, has its words, and can be told apart in all three places.
func TestServeSettings(t *testing.T) {
	names := map[string]bool{}
	for _, s := range new(serving).settings() {
		if s.Begins != "" {
			if err := s.Set(s.Begins); err != nil {
				t.Errorf("-%s begins with what it does not take: %v", s.Name, err)
			}
		}
		if names[s.Name] || s.Name != strings.ToLower(s.Name) || strings.ContainsAny(s.Name, " _=#") {
			t.Errorf("%q is no name, or given twice", s.Name)
		}
		if s.What == "" || s.Risk == "" || s.Needed && s.Begins != "" || s.Many && s.Begins != "" {
			t.Errorf("-%s: got %+v", s.Name, s)
		}
		names[s.Name] = true
	}
	var help strings.Builder
	if _, err := new(serving).settings().Settle([]string{"-rate", "x", "-h"}, nil, &help); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("got %v", err)
	}
	for name := range names {
		if !strings.Contains(help.String(), "\n  -"+name) {
			t.Errorf("help says nothing of -%s", name)
		}
	}
}

func TestParseProxies(t *testing.T) {
	for text, want := range map[string]string{"127.0.0.1": "127.0.0.1/32", "10.0.0.0/8": "10.0.0.0/8", "::1": "::1/128", "2001:db8::/32": "2001:db8::/32"} {
		if got, err := parseProxies(text); err != nil || got.String() != want {
			t.Errorf("%s: got %v, %v, want %s", text, got, err, want)
		}
	}
	for _, bad := range []string{"", "localhost", "10.0.0.1/8", "10.0.0.0/33", "fe80::1%eth0", "::ffff:10.0.0.0/104"} {
		if got, err := parseProxies(bad); err == nil {
			t.Errorf("%q is taken for %v", bad, got)
		}
	}
}
