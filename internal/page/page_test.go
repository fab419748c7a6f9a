package page

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/store"
)

// words is a part of the program with one word of its own.
func words() fstest.MapFS {
	return fstest.MapFS{
		"catalogue/status.json": {Data: []byte(`{"en":{"default":"reviewed"},"fr":{"default":"machine"},"ar":{"default":"machine"}}`)},
		"catalogue/en.json":     {Data: []byte(`{"test.hello":"Hello {{.Name}}"}`)},
		"catalogue/fr.json":     {Data: []byte(`{"test.hello":"Bonjour {{.Name}}"}`)},
		"catalogue/ar.json":     {Data: []byte(`{"test.hello":"مرحباً {{.Name}}"}`)},
	}
}

type rig struct {
	site    *Site
	now     time.Time
	changes atomic.Uint64
}

func newRig(t *testing.T) *rig {
	t.Helper()
	c, err := locale.New(Catalogue, words())
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	r.site, err = New(Options{Catalogues: c, Clock: func() time.Time { return r.now }, Changes: r.changes.Load})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rig) get(path string, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	r.site.ServeHTTP(w, req)
	return w
}

func files(body string) fstest.MapFS {
	return fstest.MapFS{"templates/x.html": {Data: []byte(`{{define "title"}}T{{end}}{{define "main"}}<h1>` + body + `</h1>{{end}}`)}}
}

func TestMissingKeyFailsTheParse(t *testing.T) {
	r := newRig(t)
	for body, ok := range map[string]bool{
		`{{t "test.hello" "Name" .}}`:                          true,
		`{{t "test.nothing"}}`:                                 false,
		`{{if .}}{{t "test.nothing"}}{{end}}`:                  false,
		`{{range .}}{{else}}{{count "test.nothing" 1}}{{end}}`: false,
		`{{with (t "test.nothing")}}{{.}}{{end}}`:              false,
		`{{t (print "test." .)}}`:                              true, // known only when it is filled
	} {
		if _, err := Parse[string](r.site, files(body), "x"); (err == nil) != ok {
			t.Errorf("parsing %s gives %v", body, err)
		}
	}
}

func TestLanguages(t *testing.T) {
	r := newRig(t)
	p, err := Parse[string](r.site, files(`{{t "test.hello" "Name" .}} {{link "/a"}}`), "x")
	if err != nil {
		t.Fatal(err)
	}
	r.site.Public("GET /hello", func(w http.ResponseWriter, req *Request) error { return p.Render(w, req, "<b>you") })
	for path, want := range map[string]string{
		"/en/hello": "Hello &lt;b&gt;you /en/a", "/fr/hello": "Bonjour &lt;b&gt;you /fr/a", "/ar/hello": "مرحباً &lt;b&gt;you /ar/a",
	} {
		if got := r.get(path).Body.String(); !strings.Contains(got, want) {
			t.Errorf("%s does not say %q", path, want)
		}
	}
}

// TestCache holds that a page is made once for all who ask, again when something was written, when a second has
// passed, and when the clock has jumped back, and never kept when it failed.
func TestCache(t *testing.T) {
	r := newRig(t)
	var made atomic.Int64
	fail := false
	r.site.Public("GET /n", func(w http.ResponseWriter, req *Request) error {
		n := made.Add(1)
		if fail {
			return errors.New("no")
		}
		_, err := fmt.Fprintf(w, "%d", n)
		return err
	})
	expect := func(want string, why string) {
		t.Helper()
		if got := r.get("/en/n").Body.String(); got != want {
			t.Errorf("%s: the page says %q, want %q", why, got, want)
		}
	}
	expect("1", "first")
	expect("1", "again")
	r.changes.Add(1)
	expect("2", "after a commit")
	r.now = r.now.Add(2 * time.Second)
	expect("3", "after a second")
	r.now = r.now.Add(-time.Hour)
	expect("4", "after the clock jumped back")
	if got := r.get("/ar/n").Body.String(); got != "5" {
		t.Errorf("another language is answered with %q", got)
	}
	r.changes.Add(1)
	fail = true
	if code := r.get("/en/n").Code; code != http.StatusInternalServerError {
		t.Errorf("a failure answers %d", code)
	}
	fail = false
	if code := r.get("/en/n").Code; code != http.StatusOK {
		t.Errorf("a failure was kept: %d", code)
	}

	r.changes.Add(1)
	before := made.Load()
	var wait sync.WaitGroup
	for range 50 {
		wait.Go(func() { r.get("/en/n") })
	}
	wait.Wait()
	if n := made.Load() - before; n != 1 {
		t.Errorf("fifty readers at once had the page made %d times", n)
	}
}

func TestFailures(t *testing.T) {
	r := newRig(t)
	for path, fail := range map[string]func() error{
		"/problem":  func() error { return NotFound() },
		"/internal": func() error { return errors.New("the secret inside") },
		"/full":     func() error { return fmt.Errorf("writing: %w", store.ErrFull) },
		"/panic":    func() error { panic("the secret inside") },
	} {
		r.site.Page("GET "+path, func(http.ResponseWriter, *Request) error { return fail() })
		r.site.API("GET /api"+path, func(http.ResponseWriter, *Request) error { return fail() })
	}
	for path, status := range map[string]int{"/problem": 404, "/internal": 500, "/full": 507, "/panic": 500, "/api/problem": 404, "/api/internal": 500} {
		w := r.get("/en" + path)
		if w.Code != status {
			t.Errorf("%s answers %d, want %d", path, w.Code, status)
		}
		if strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s shows the program's inside", path)
		}
	}
}

func TestGuard(t *testing.T) {
	r := newRig(t)
	r.site.SetInstance(Instance{Hosts: []string{"Dialogue.example.org"}})
	guarded := r.site.Guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "in") }))
	for host, in := range map[string]bool{
		"dialogue.example.org": true, "dialogue.example.org:8053": true, "localhost": true, "127.0.0.1:80": true, "[::1]:80": true,
		"": false, "example.org": false, "dialogue.example.org.evil.example": false, "localhost.evil.example": false, "evil.example#localhost": false,
	} {
		req := httptest.NewRequest(http.MethodGet, "http://x/", nil)
		req.Host = host
		w := httptest.NewRecorder()
		guarded.ServeHTTP(w, req)
		if (w.Code == http.StatusOK) != in {
			t.Errorf("the host %q is answered with %d", host, w.Code)
		}
		if w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("the host %q is answered without the strict headers", host)
		}
	}
}

func TestClean(t *testing.T) {
	for s, ok := range map[string]bool{
		"": true, "plain": true, "عربي": true, "emoji 🙂": true, "a\u200fb": true, // a mark, not an override
		"a\x00b": false, "a\nb": false, "a\x7fb": false, "\xff": false, "a\u202eb": false, "a\u2066b": false, "a\u2069b": false, "\u202a": false,
	} {
		if Clean(s) != ok {
			t.Errorf("Clean(%q) = %v", s, !ok)
		}
	}
}

func FuzzPath(f *testing.F) {
	for _, s := range []string{"/", "/en/", "/ar", "//", "/en//x", "/%2e%2e", "/en/record/1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		lang, rest := langOf(path)
		if lang != "" && (!lang.Known() || !strings.HasPrefix(rest, "/")) {
			t.Errorf("langOf(%q) = %q, %q", path, lang, rest)
		}
		if lang == "" && rest != path {
			t.Errorf("langOf(%q) changes a path without a language to %q", path, rest)
		}
	})
}
