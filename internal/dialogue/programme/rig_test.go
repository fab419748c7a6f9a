package programme

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

const sampleID = dialogue.ID("exercise-2026")

// rig is a programme with its site. Whom a request comes from stands in the header X-Actor.
type rig struct {
	t      testing.TB
	db     *store.DB
	room   *Room
	site   *page.Site
	ledger *ledger.Ledger
	mu     sync.Mutex
	now    time.Time
	held   Held
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

var officer = party.Actor{Person: "officerperson", Name: "Sample Officer", Roles: []party.Held{{Role: party.Officer, Scope: party.WholeInstance()}}, Fresh: true}

var actors = map[string]party.Actor{
	"officer":     officer,
	"coordinator": {Person: "coordinator", Roles: []party.Held{{Role: party.Coordinator, Scope: party.OfBody("som")}}},
	"contact":     {Person: "contact", Roles: []party.Held{{Role: party.Contact, Scope: party.OfOrganisation("org")}}},
}

func (g *rig) Actor(_ context.Context, r *page.Request) (party.Actor, error) {
	if a, ok := actors[r.Header.Get("X-Actor")]; ok {
		return a, nil
	}
	if c, err := r.Cookie("sample-actor"); err == nil {
		return actors[c.Value], nil
	}
	return party.Actor{}, nil
}

func (g *rig) SignedIn(h party.ActorHandler) page.Handler {
	return func(w http.ResponseWriter, r *page.Request) error {
		a, err := g.Actor(r.Context(), r)
		if err != nil {
			return err
		}
		if a.Anonymous() {
			return party.Allow(a, "", party.WholeInstance())
		}
		return h(w, r, a)
	}
}

func words(en, fr, ar string) dialogue.Words {
	return dialogue.Words{"en": {Text: en, Status: "editors"}, "fr": {Text: fr, Status: "machine"}, "ar": {Text: ar, Status: "machine"}}
}

func sampleUsual() []Usual {
	return []Usual{
		{"opening", words("Opening", "Ouverture", "الافتتاح")},
		{"review-briefing", words("Briefing on the review process", "Point sur le processus d’examen", "إحاطة عن عملية الاستعراض")},
		{"panels", words("Panels on the topics of the working group", "Tables rondes sur les thèmes du groupe de travail", "حلقات نقاش بشأن مواضيع الفريق العامل")},
		{"tour-de-table", words("Tour de table", "Tour de table", "جولة على المشاركين")},
		{"closing", words("Closing", "Clôture", "الاختتام")},
	}
}

func newRig(t testing.TB, db *store.DB) *rig {
	t.Helper()
	g := &rig{t: t, db: db, now: time.Date(2026, 10, 1, 9, 30, 0, 0, time.UTC)}
	zone, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	g.held = Held{ID: sampleID, Title: words("Exercise dialogue", "Dialogue d’exercice", "حوار تدريبي"), Body: "som", Zone: zone, Sample: true,
		First: locale.Date{Year: 2026, Month: 11, Day: 23}, Last: locale.Date{Year: 2026, Month: 11, Day: 24}}
	catalogues, err := locale.New(page.Catalogue, party.Catalogue, Catalogue)
	if err != nil {
		t.Fatal(err)
	}
	const origin = "record.example.org/log"
	secret, err := ledger.GenerateKey(rand.Reader, origin)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ledger.NewKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	g.ledger, err = ledger.New(context.Background(), ledger.Options{
		DB: db, Key: key, Origin: origin, Clock: g.clock, Random: rand.Reader, CheckpointFile: filepath.Join(t.TempDir(), "checkpoint"),
	})
	if err != nil {
		t.Fatal(err)
	}
	g.room, err = New(Options{
		DB: db, Org: "sample", Clock: g.clock, Random: rand.Reader, Catalogues: catalogues, Ledger: g.ledger, Directory: g, Origin: "record.example.org", Usual: sampleUsual(),
		Dialogue: func(_ *store.Tx, id dialogue.ID) (Held, error) {
			if id != sampleID {
				return Held{}, page.NotFound()
			}
			return g.held, nil
		},
		Participates: func(_ *store.Tx, r *page.Request, _ dialogue.ID) (bool, error) {
			return r.Header.Get("X-Actor") == "contact", nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if g.site, err = page.New(page.Options{Catalogues: catalogues, Clock: g.clock, Changes: db.Changes}); err != nil {
		t.Fatal(err)
	}
	g.site.SetInstance(page.Instance{Operator: "the Sample Secretariat"})
	if err := g.room.Seat(g.site); err != nil {
		t.Fatal(err)
	}
	return g
}

func eachRig(t *testing.T, fn func(t *testing.T, g *rig)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { fn(t, newRig(t, db)) })
}

func (g *rig) must(err error) {
	g.t.Helper()
	if err != nil {
		g.t.Fatal(err)
	}
}

// draft reads the draft and its state.
func (g *rig) draft() (Programme, int) {
	g.t.Helper()
	var p Programme
	var edit int
	g.must(g.db.Read(context.Background(), func(tx *store.Tx) (err error) {
		p, edit, _, err = g.room.draft(tx, sampleID, false)
		return err
	}))
	return p, edit
}

func (g *rig) published() *Version {
	g.t.Helper()
	var v *Version
	g.must(g.db.Read(context.Background(), func(tx *store.Tx) (err error) {
		v, err = g.room.Published(tx, sampleID)
		return err
	}))
	return v
}

// publish publishes the draft as it stands.
func (g *rig) publish() {
	g.t.Helper()
	_, edit := g.draft()
	g.must(g.room.Publish(g.t.Context(), officer, sampleID, edit))
}

// save keeps a part, from what stands now.
func (g *rig) save(under ID, part any) {
	g.t.Helper()
	g.must(g.room.Save(g.t.Context(), officer, sampleID, under, part))
}

func (g *rig) start() {
	g.t.Helper()
	g.must(g.room.Start(g.t.Context(), officer, sampleID))
}

// enter has the record take in what waits, and gives the entries.
func (g *rig) entries() (all []*ledger.Entered) {
	g.t.Helper()
	for {
		n, err := g.ledger.Integrate(g.t.Context())
		g.must(err)
		if n == 0 {
			break
		}
	}
	g.must(g.ledger.Publish(g.t.Context()))
	for i := range g.ledger.Head(g.t.Context()).Size {
		e, err := g.ledger.Entry(g.t.Context(), i)
		g.must(err)
		all = append(all, e)
	}
	return all
}

type answer struct {
	*httptest.ResponseRecorder
	g *rig
}

func (g *rig) send(actor string, r *http.Request) answer {
	g.t.Helper()
	r.Host = "localhost:8053"
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("X-Actor", actor)
	w := httptest.NewRecorder()
	g.site.ServeHTTP(w, r)
	return answer{w, g}
}

func (g *rig) get(actor, path string) answer {
	g.t.Helper()
	return g.send(actor, httptest.NewRequest("GET", path, nil))
}

func (g *rig) post(actor, path string, pairs ...string) answer {
	g.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return g.send(actor, r)
}

var isolates = strings.NewReplacer("\u2068", "", "\u2069", "")

func (a answer) wants(status int, texts ...string) answer {
	a.g.t.Helper()
	if a.Code != status {
		a.g.t.Fatalf("the status is %d, want %d; body:\n%s", a.Code, status, a.main())
	}
	said := isolates.Replace(a.Body.String())
	for _, text := range texts {
		if !strings.Contains(said, text) {
			a.g.t.Errorf("the page does not say %q:\n%s", text, a.main())
		}
	}
	return a
}

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
	_, body, ok := strings.Cut(a.Body.String(), "<main")
	if !ok {
		return a.Body.String()
	}
	body, _, _ = strings.Cut(body, "</main>")
	return body
}

// hidden gives the value of the first hidden field of a name.
func (a answer) hidden(name string) string {
	a.g.t.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(a.Body.String())
	if m == nil {
		a.g.t.Fatalf("the page has no field %q:\n%s", name, a.main())
	}
	return m[1]
}
