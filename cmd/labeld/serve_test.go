package main

import "testing"

func TestRateOf(t *testing.T) {
	for listen, want := range map[string]int{
		"127.0.0.1:8080": 0, "[::1]:8080": 0, "localhost:8080": 0, ":8080": rateDefault, "0.0.0.0:8080": rateDefault,
		"192.0.2.1:8080": rateDefault, "labels.example:8080": rateDefault,
	} {
		if got := rateOf(rateUnset, listen); got != want {
			t.Errorf("%s: got %d, want %d", listen, got, want)
		}
		if rateOf(0, listen) != 0 || rateOf(7, listen) != 7 {
			t.Errorf("%s: what is asked for is not taken", listen)
		}
	}
	for _, bad := range []string{"", "-1", "1000001", "many", "1.5"} {
		if _, err := parseRate(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
