// Package testrig starts the whole program on temporary storage with a clock that tests turn.
package testrig

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"rostrum.example/internal/app"
)

// Clock is a clock that stands still until it is turned. Any goroutine may use it.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Start is the instant at which every rig's clock begins.
var Start = time.Date(2026, 11, 23, 15, 20, 0, 0, time.UTC)

// NewClock gives a clock that shows Start.
func NewClock() *Clock { return &Clock{now: Start} }

// Now is what the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Turn moves the clock, also backwards.
func (c *Clock) Turn(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

// Rig is a running instance.
type Rig struct {
	App   *app.App
	Clock *Clock
	// URL is where it answers, without a trailing slash.
	URL string
	Dir string
}

// Empty starts an instance that waits to be set up.
func Empty(t testing.TB) *Rig {
	t.Helper()
	return start(t, t.TempDir())
}

// Demo starts an instance with the published record.
func Demo(t testing.TB) *Rig {
	t.Helper()
	r := Empty(t)
	if err := r.App.Demo(context.Background()); err != nil {
		t.Fatal(err)
	}
	return r
}

func start(t testing.TB, dir string) *Rig {
	t.Helper()
	r := &Rig{Clock: NewClock(), Dir: dir}
	a, err := app.Open(context.Background(), app.Options{Dir: dir, Clock: r.Clock.Now, Log: slog.New(slog.NewTextHandler(testWriter{t}, nil))})
	if err != nil {
		t.Fatal(err)
	}
	r.App = a
	server := httptest.NewServer(a)
	r.URL = strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	t.Cleanup(func() {
		server.Close()
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// Get fetches a page of the instance without following redirects.
func (r *Rig) Get(t testing.TB, path string, header ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, r.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
			continue
		}
		req.Header.Set(header[i], header[i+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// testWriter sends the program's log to the test.
type testWriter struct{ t testing.TB }

func (w testWriter) Write(b []byte) (int, error) {
	defer func() { recover() }() // a loop may still log when the test has ended
	w.t.Log(strings.TrimSuffix(string(b), "\n"))
	return len(b), nil
}
