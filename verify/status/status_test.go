package status

import (
	"testing"
	"time"

	"tegata/verify"
)

// What cannot be known is never valid. How each status of the law is listed is
// held where real records are.
func TestOf(t *testing.T) {
	for _, tt := range []struct {
		name   string
		record verify.Record
		want   Status
	}{
		{"nothing stands against it", verify.Record{Scheme: verify.JCSTAR}, Valid},
		{"something of a kind that is not known was said", verify.Record{Scheme: verify.JCSTAR, NotKnown: true}, AskOnline},
		{"no first statement is trusted", verify.Record{Scheme: verify.JCSTAR, Untrusted: true}, AskOnline},
		{"no first statement counts", verify.Record{}, AskOnline},
	} {
		if got := Of(&tt.record, issued.Add(time.Hour)); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
	}
}
