package control

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// TestToldToTheEnd: whoever asks over the socket reads why an answer could not be
// given, also where half of it was out already.
func TestToldToTheEnd(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "control.sock")
	full := errors.New("the disk is full")
	answers := map[string]http.HandlerFunc{}
	for what, c := range map[string]struct {
		text string
		err  error
	}{"/whole": {"all of it", nil}, "/half": {"half of it", full}, "/none": {"", full}} {
		answers[what] = func(w http.ResponseWriter, r *http.Request) {
			answer := &Answer{ResponseWriter: w}
			if c.text != "" {
				io.WriteString(answer, c.text)
			}
			answer.End(c.err)
		}
	}
	end, err := Listen(socket, answers)
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	ask := func(what string) (string, error) {
		body, err := Call(t.Context(), socket, what, nil)
		if err != nil {
			return "", err
		}
		defer body.Close()
		text, err := io.ReadAll(body)
		return string(text), err
	}
	if text, err := ask("/whole"); text != "all of it" || err != nil {
		t.Errorf("whole: got %q, %v", text, err)
	}
	for _, what := range []string{"/half", "/none"} {
		if text, err := ask(what); err == nil || !strings.Contains(err.Error(), full.Error()) {
			t.Errorf("%s: got %q, %v, want %v", what, text, err, full)
		}
	}
	end()
	if _, err := ask("/whole"); !errors.Is(err, ErrNoServer) {
		t.Errorf("with no server: got %v, want %v", err, ErrNoServer)
	}
}

// TestLongPath: a folder whose socket no system call takes is refused, and
// what to do instead is said.
func TestLongPath(t *testing.T) {
	for n, want := range map[int]string{socketMost: "", socketMost + 1: "give a shorter -data"} {
		at := t.TempDir()
		end, err := Listen(at+"/"+strings.Repeat("s", n-len(at)-1), nil)
		if err == nil {
			end()
		}
		if got := fmt.Sprint(err); (err == nil) != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%d bytes: got %v, want %q", n, err, want)
		}
	}
}
