package party

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

// rig is a directory with its site, a clock that tests move, and an outbox and a queue that they read.
type rig struct {
	t    testing.TB
	d    *Directory
	site *page.Site
	at   string // the instance's URL
	mu   sync.Mutex
	now  time.Time
	mail []Message
	jobs []SignInPayload
}

func (g *rig) clock() time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now
}

func (g *rig) pass(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now = g.now.Add(d)
}

// Queue takes a message when its transaction commits.
func (g *rig) Queue(tx *store.Tx, _ store.Org, m Message) error {
	tx.OnCommit(func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.mail = append(g.mail, m)
	})
	return nil
}

// Add takes a job when its transaction commits.
func (g *rig) Add(tx *store.Tx, _ store.Org, kind string, payload any, _ time.Time) error {
	if kind != SignInJob {
		g.t.Errorf("a job of kind %q was added", kind)
	}
	tx.OnCommit(func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.jobs = append(g.jobs, payload.(SignInPayload))
	})
	return nil
}

// work runs the jobs that wait.
func (g *rig) work() {
	g.t.Helper()
	g.mu.Lock()
	jobs := g.jobs
	g.jobs = nil
	g.mu.Unlock()
	for _, j := range jobs {
		if err := g.d.AnswerSignIn(g.t.Context(), j); err != nil {
			g.t.Fatal(err)
		}
	}
}

// last gives the newest message to an address.
func (g *rig) last(to Email) Message {
	g.t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range slices.Backward(g.mail) {
		if m.To.Key() == to.Key() {
			return m
		}
	}
	g.t.Fatalf("there is no message to %s", string(to))
	return Message{}
}

func (g *rig) messages() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.mail)
}

var linkIn = regexp.MustCompile(`https?://\S+/sign-in/link\?key=\S+`)

// linkTo gives the path and query of the link in the newest message to an address.
func (g *rig) linkTo(to Email) string {
	g.t.Helper()
	found := linkIn.FindString(g.last(to).Text)
	u, err := url.Parse(found)
	if err != nil || found == "" {
		g.t.Fatalf("there is no link in the message: %q, %v", found, err)
	}
	return u.RequestURI()
}

func samplePreset() Preset {
	return Preset{
		Roles: Roles(),
		Types: []Named{{ID: "ngo", Name: map[locale.Lang]string{"en": "NGO", "fr": "ONG", "ar": "منظمة غير حكومية"}},
			{ID: "academia", Name: map[locale.Lang]string{"en": "Academia", "fr": "Université", "ar": "أوساط أكاديمية"}}},
		Bodies: []Named{{ID: "som", Name: map[locale.Lang]string{"en": "Working Group on the Smuggling of Migrants", "fr": "Groupe de travail sur le trafic illicite de migrants", "ar": "الفريق العامل المعني بتهريب المهاجرين"}},
			{ID: "tip", Name: map[locale.Lang]string{"en": "Working Group on Trafficking in Persons"}}},
	}
}

func newRig(t testing.TB, db *store.DB) *rig {
	t.Helper()
	g := &rig{t: t, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), at: "http://localhost:8053"}
	catalogues, err := locale.New(page.Catalogue, Catalogue)
	if err != nil {
		t.Fatal(err)
	}
	g.d, err = New(Options{
		DB: db, Org: "sample", Clock: g.clock, Random: rand.Reader, Catalogues: catalogues, Mail: g, Jobs: g,
		Instance: func() Instance { return Instance{URL: g.at, Operator: "the Sample Secretariat"} },
		Preset:   samplePreset(),
		Dialogues: func(*store.Tx) ([]Dialogue, error) {
			return []Dialogue{{Named{"som-2022", map[locale.Lang]string{"en": "Dialogue of 1 July 2022"}}, "som"}}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	g.site, err = page.New(page.Options{Catalogues: catalogues, Clock: g.clock, Changes: db.Changes, Viewer: g.d.Viewer})
	if err != nil {
		t.Fatal(err)
	}
	g.site.SetInstance(page.Instance{Operator: "the Sample Secretariat", Hosts: []string{"dialogue.example.org"}})
	if err := g.d.Register(g.site); err != nil {
		t.Fatal(err)
	}
	return g
}

func newSQLiteRig(t testing.TB) *rig {
	t.Helper()
	return newRig(t, storetest.SQLite(t))
}

func (g *rig) write(fn func(*store.Tx) error) {
	g.t.Helper()
	if err := g.d.o.DB.Write(context.Background(), fn); err != nil {
		g.t.Fatal(err)
	}
}

func (g *rig) read(fn func(*store.Tx) error) {
	g.t.Helper()
	if err := g.d.o.DB.Read(context.Background(), fn); err != nil {
		g.t.Fatal(err)
	}
}

func (g *rig) personWith(email string) Person {
	g.t.Helper()
	var p Person
	g.read(func(tx *store.Tx) (err error) {
		p, err = g.d.personByEmail(tx, Email(email))
		return err
	})
	return p
}

// browser sends requests as browsers do and keeps their cookies.
type browser struct {
	g       *rig
	host    string
	cookies map[string]string
}

func (g *rig) browser() *browser {
	return &browser{g: g, host: "localhost:8053", cookies: map[string]string{}}
}

type answer struct {
	*httptest.ResponseRecorder
	g *rig
}

func (b *browser) send(r *http.Request) answer {
	b.g.t.Helper()
	r.Host = b.host
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if r.Method == http.MethodPost {
		r.Header.Set("Origin", "http://"+b.host)
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.g.site.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return answer{w, b.g}
}

func (b *browser) get(path string) answer {
	b.g.t.Helper()
	return b.send(httptest.NewRequest("GET", path, nil))
}

func (b *browser) post(path string, pairs ...string) answer {
	b.g.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.send(r)
}

func (b *browser) postJSON(path string, body any) answer {
	b.g.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		b.g.t.Fatal(err)
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(string(text)))
	r.Header.Set("Content-Type", "application/json")
	return b.send(r)
}

// wants checks the status and texts that the answer must hold.
func (a answer) wants(status int, texts ...string) answer {
	a.g.t.Helper()
	if a.Code != status {
		a.g.t.Fatalf("the status is %d, want %d; Location %q; body:\n%s", a.Code, status, a.Header().Get("Location"), a.main())
	}
	said := strings.NewReplacer("\u2068", "", "\u2069", "").Replace(a.Body.String())
	for _, text := range texts {
		if !strings.Contains(said, text) {
			a.g.t.Errorf("the page does not say %q:\n%s", text, a.main())
		}
	}
	return a
}

// without checks that the page does not hold texts.
func (a answer) without(texts ...string) answer {
	a.g.t.Helper()
	for _, text := range texts {
		if strings.Contains(a.Body.String(), text) {
			a.g.t.Errorf("the page says %q:\n%s", text, a.main())
		}
	}
	return a
}

func (a answer) leadsTo(path string) answer {
	a.g.t.Helper()
	if a.Code != http.StatusSeeOther || a.Header().Get("Location") != path {
		a.g.t.Fatalf("the answer is %d to %q, want 303 to %q; body:\n%s", a.Code, a.Header().Get("Location"), path, a.main())
	}
	return a
}

func (a answer) main() string {
	_, body, _ := strings.Cut(a.Body.String(), "<main")
	if body == "" {
		return a.Body.String()
	}
	body, _, _ = strings.Cut(body, "</main>")
	return body
}

// officer sets the instance up and gives a browser in which the first officer is signed in.
func (g *rig) officer() *browser {
	g.t.Helper()
	var link string
	g.write(func(tx *store.Tx) (err error) {
		link, err = g.d.CreateFirstOfficer(tx, "Sample Officer", "officer@example.org", locale.English)
		return err
	})
	b := g.browser()
	b.follow("/en" + link)
	return b
}

var keyIn = regexp.MustCompile(`name="key" value="([^"]+)"`)

// follow opens a one-time link and presses its button.
func (b *browser) follow(link string) answer {
	b.g.t.Helper()
	page := b.get(link).wants(200)
	key := keyIn.FindStringSubmatch(page.Body.String())
	if key == nil {
		b.g.t.Fatalf("the page has no button:\n%s", page.main())
	}
	a := b.post("/en/sign-in/link", "key", key[1])
	if a.Code != http.StatusSeeOther {
		b.g.t.Fatalf("the link did not sign in: %d\n%s", a.Code, a.main())
	}
	return a
}

// signIn signs a person in by mail in a new browser.
func (g *rig) signIn(email string) *browser {
	g.t.Helper()
	b := g.browser()
	b.post("/en/sign-in", "email", email).leadsTo("/en/sign-in/sent")
	g.work()
	b.follow(g.linkTo(Email(email)))
	return b
}

// invite lets the first officer invite somebody, who signs in.
func (g *rig) invite(officer *browser, name, email string, role Role, scope Scope) *browser {
	g.t.Helper()
	officer.post("/en/people/invite", "role", string(role), "scope", scope.key(), "name", name, "email", email, "lang", "en").
		leadsTo("/en/people?done=invited")
	b := g.browser()
	b.follow(g.linkTo(Email(email)))
	return b
}

// logTo gives a logger that writes to w everything it is told.
func logTo(w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
