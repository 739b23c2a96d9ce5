package folder

import (
	"path/filepath"
	"testing"
)

// TestMirrorFolder: a log with a path is one folder, and no other.
func TestMirrorFolder(t *testing.T) {
	d := Folder("data")
	if got, want := string(d.Mirror("labels.example/jp")), filepath.Join("data", "mirrors", "labels.example%2Fjp"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
