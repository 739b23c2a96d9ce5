package web_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"tegata/registry"
	"tegata/registry/registrytest"
	"tegata/registry/sequencer"
	"tegata/registry/sequencer/sequencertest"
	"tegata/web"
)

func readyz(t *testing.T, h http.Handler, status int, text string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	if w.Code != status || !regexp.MustCompile(text).MatchString(w.Body.String()) {
		t.Errorf("got %d, %q, want %d, %s", w.Code, w.Body, status, text)
	}
	if again := w.Header().Get("Retry-After"); (again == "5") != (status == http.StatusServiceUnavailable) {
		t.Errorf("%d with Retry-After %q", status, again)
	}
}

// Who was given what is not as it should be takes nothing more, and is to be asked
// for five minutes yet.
func TestReadyStopped(t *testing.T) {
	k := registrytest.New(t)
	own := registrytest.New(t)
	own.Begin(t)
	order := sequencertest.NewMemory()
	k.Config.Sequencer = order
	k.Begin(t)
	h, err := web.NewHandler(web.Config{Registry: k.Registry, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	readyz(t, h, 200, "^ready\nlog labels.example\nreads yes\nwrites yes\ncurrent yes\n$")
	order.Give(sequencer.Batch{First: order.Size(), Entries: [][]byte{[]byte("nothing")}})
	for k.Registry.Following().Stopped == nil {
		time.Sleep(time.Millisecond)
	}
	const no = "reads yes\nwrites no: what follows [0-9]+ entries is malformed, and nothing more is taken: compare .*\ncurrent no: what follows .*\n$"
	readyz(t, h, 200, "^ready\nlog labels.example\n"+no)
	k.Clock.Set(k.Clock.Now().Add(5*time.Minute - time.Second))
	readyz(t, h, 200, "^ready\nlog labels.example\n"+no)
	k.Clock.Set(k.Clock.Now().Add(time.Second))
	readyz(t, h, 503, "^not ready\nlog labels.example\n"+no)

	// Where it is beside a log that goes on, that one is to be asked.
	h, err = web.NewHandler(web.Config{Registry: own.Registry, Mirrors: []*registry.Registry{k.Registry}, URL: "https://labels.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	readyz(t, h, 200, "^ready\nlog labels.example\nreads yes\nwrites yes\ncurrent yes\nlog labels.example\n"+no)
	k.Registry.Close()
	readyz(t, h, 503, "^not ready\nlog labels.example\nreads yes\n")
}

// Who is being stopped is not to be asked; it answers all the same.
func TestReadyEnding(t *testing.T) {
	k := registrytest.New(t)
	k.Begin(t)
	ending := make(chan struct{})
	h, err := web.NewHandler(web.Config{Registry: k.Registry, URL: "https://labels.example", Ending: ending, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	readyz(t, h, 200, "^ready\n")
	close(ending)
	readyz(t, h, 503, "^not ready\nstopping\nlog labels.example\nreads yes\n")
	k.Registry.Close()
	readyz(t, h, 503, "^not ready\nstopping\nlog labels.example\nreads no: it is being stopped\n")
}
