package front

import (
	"strings"
	"testing"
)

func TestConnectionsOf(t *testing.T) {
	most, err := connectionsOf(Unset)
	if err != nil || most < 1 || most > ConnectionsAuto {
		t.Fatalf("got %d, %v", most, err)
	}
	if got, err := connectionsOf(1); got != 1 || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
	if _, err := connectionsOf(1 << 40); err == nil || !strings.Contains(err.Error(), "ulimit -n") {
		t.Errorf("got %v, want to be told of the limit", err)
	}
}
