package floor

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
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
	"rostrum.example/internal/live"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

const sampleID = dialogue.ID("exercise-2026")

// rig is a floor with its site. Whom a request comes from stands in the header X-Actor.
type rig struct {
	early  bool // the dialogue has not come to its days
	t      testing.TB
	db     *store.DB
	room   *Room
	site   *page.Site
	ledger *ledger.Ledger
	hub    *live.Hub
	mu     sync.Mutex
	now    time.Time
	people []Participant
	items  []Item
	zone   *time.Location
	forms  int
	desk   int // what the rig's chair has seen
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

// token gives the token of a new form.
func (g *rig) token() string {
	g.forms++
	return fmt.Sprintf("form%020d", g.forms)
}

var chair = party.Actor{Person: "chairperson", Name: "Sample Chair", Roles: []party.Held{{Role: party.Chair, Scope: party.OfBody("som")}}, Fresh: true}

// actors are who the header X-Actor may name.
var actors = map[string]party.Actor{
	"chair":   chair,
	"second":  {Person: "secondchair", Name: "Sample Co-Chair", Roles: []party.Held{{Role: party.Chair, Scope: party.OfBody("som")}}, Fresh: true},
	"coast":   {Person: "coastperson", Name: "Sample Person"},
	"nobody":  {Person: "somebody", Name: "Sample Reader"},
	"foreign": {Person: "foreignchair", Roles: []party.Held{{Role: party.Chair, Scope: party.OfBody("tip")}}, Fresh: true},
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

func samplePeople() []Participant {
	return []Participant{
		{ID: "coast", Person: "coastperson", Organisation: "org-coast", Name: "Sample Coast Network", Naming: ByName, Label: "Sample Coast Network", Type: "ngo", Mode: InRoom, Langs: []string{"fr", "en"}},
		{ID: "lab", Organisation: "org-lab", Name: "Sample University, Migration Lab", Naming: ByName, Label: "Sample University, Migration Lab", Type: "academia", Mode: InRoom, Langs: []string{"en"}},
		{ID: "platform", Organisation: "org-platform", Name: "Sample Platform Ltd", Naming: ByName, Label: "Sample Platform Ltd", Type: "private_sector", Mode: Remote, Langs: []string{"en"}},
		{ID: "legal", Organisation: "org-legal", Name: "Sample Legal Aid", Naming: ByName, Label: "Sample Legal Aid", Type: "ngo", Mode: InRoom, Langs: []string{"en", "ar"}},
		{ID: "circle", Name: "Sample Survivors’ Circle", Naming: ByName, Label: "Sample Survivors’ Circle", Type: "ngo", New: true, Mode: Remote, Langs: []string{"ar", "en"}},
		{ID: "helper", Name: "Secret Helper", Naming: ByCategory, Label: "Secret Helper (not named)", Type: "ngo", Mode: InRoom, Langs: []string{"en"}},
		{ID: "witness", Name: "Secret Witness", Naming: Withheld, Label: "Secret Witness (at risk)", Type: "survivor_or_lived_experience", Mode: Remote, Langs: []string{"es"}},
		{ID: "state", Organisation: "org-state", Name: "State A", Naming: ByName, Label: "State A", Type: "state_party", Delegate: true, Mode: InRoom, Langs: []string{"en"}},
	}
}

func sampleTypes() []party.Named {
	name := func(id, en, fr, ar string) party.Named {
		return party.Named{ID: id, Name: map[locale.Lang]string{"en": en, "fr": fr, "ar": ar}}
	}
	return []party.Named{
		name("ngo", "Non-governmental organisation", "Organisation non gouvernementale", "منظمة غير حكومية"),
		name("academia", "Academia", "Milieux universitaires", "الأوساط الأكاديمية"),
		name("private_sector", "Private sector", "Secteur privé", "القطاع الخاص"),
		name("state_party", "State party", "État partie", "دولة طرف"),
		name("survivor_or_lived_experience", "Survivor or person with lived experience", "Personne survivante", "ناجٍ"),
	}
}

func newRig(t testing.TB, db *store.DB) *rig {
	t.Helper()
	g := &rig{t: t, db: db, now: time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC), people: samplePeople()}
	g.items = []Item{
		{ID: "panels", Title: words("Smuggling by sea", "Trafic par mer", "التهريب بحرًا"), Panel: []Panellist{{"Sample Panellist", "Coast guard adviser"}, {"Sample Coast Network", ""}}},
		{ID: "tour-de-table", Title: words("Tour de table", "Tour de table", "جولة"), Panel: nil},
	}
	var err error
	if g.zone, err = time.LoadLocation("Europe/Vienna"); err != nil {
		t.Fatal(err)
	}
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
	if g.hub, err = live.NewHub(live.Options{Random: rand.Reader}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.hub.Close)
	g.room, err = New(Options{
		DB: db, Org: "sample", Clock: g.clock, Random: rand.Reader, Catalogues: catalogues, Ledger: g.ledger, Hub: g.hub, Directory: g, Types: sampleTypes(),
		Dialogue: func(_ *store.Tx, id dialogue.ID) (Held, error) {
			if id != sampleID {
				return Held{}, page.NotFound()
			}
			return Held{ID: id, Title: words("Exercise dialogue", "Dialogue d’exercice", "حوار تدريبي"), Body: "som", Zone: g.zone, Sample: true, Meets: !g.early}, nil
		},
		Participants: func(*store.Tx, dialogue.ID) ([]Participant, error) { return g.people, nil },
		Items:        func(*store.Tx, dialogue.ID) ([]Item, error) { return g.items, nil },
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

// do acts at the desk as the chair, on what stands now.
func (g *rig) do(c Command) {
	g.t.Helper()
	if err := g.try(c); err != nil {
		g.t.Fatalf("%s: %v", c.What, err)
	}
}

func (g *rig) try(c Command) error {
	g.t.Helper()
	return g.room.Do(g.t.Context(), chair, sampleID, Stamp{g.token(), g.look().Desk}, c)
}

func (g *rig) ask(who ParticipantID, k Kind) int {
	g.t.Helper()
	p := g.look().people[who]
	if err := g.room.Ask(g.t.Context(), sampleID, who, g.token(), Asking{k, p.Mode, first(p.Langs)}); err != nil {
		g.t.Fatalf("%s asks: %v", who, err)
	}
	s := g.look()
	return s.Requests[len(s.Requests)-1].N
}

func (g *rig) look() *scene {
	g.t.Helper()
	var s *scene
	err := g.db.Read(context.Background(), func(tx *store.Tx) (err error) {
		s, _, err = g.room.readScene(tx, sampleID, false)
		return err
	})
	if err != nil {
		g.t.Fatal(err)
	}
	return s
}

// begin opens the floor, takes the item up and opens its list.
func (g *rig) begin() {
	g.t.Helper()
	g.do(Command{What: Opened})
	g.do(Command{What: TookUp, Item: "panels"})
	g.do(Command{What: PhaseTurned, Phase: TourPhase})
	g.do(Command{What: ListOpened})
}

func (g *rig) order() string {
	g.t.Helper()
	s := g.look()
	var all []string
	for _, p := range s.order(s.Item, g.clock()) {
		all = append(all, string(p.Participant.ID))
	}
	return strings.Join(all, " ")
}

// entries gives the types and texts of the record's entries, oldest first.
func (g *rig) entries() (all []*ledger.Entered) {
	g.t.Helper()
	for {
		n, err := g.ledger.Integrate(g.t.Context())
		if err != nil {
			g.t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	if err := g.ledger.Publish(g.t.Context()); err != nil {
		g.t.Fatal(err)
	}
	for i := range g.ledger.Head(g.t.Context()).Size {
		e, err := g.ledger.Entry(g.t.Context(), i)
		if err != nil {
			g.t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

// browser sends requests as browsers do and keeps their cookies.
type browser struct {
	g       *rig
	actor   string
	cookies map[string]string
}

func (g *rig) browser(actor string) *browser {
	return &browser{g: g, actor: actor, cookies: map[string]string{}}
}

type answer struct {
	*httptest.ResponseRecorder
	g *rig
}

func (b *browser) send(r *http.Request) answer {
	b.g.t.Helper()
	r.Host = "localhost:8053"
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("X-Actor", b.actor)
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

var isolates = strings.NewReplacer("\u2068", "", "\u2069", "")

// wants checks the status and texts that the answer must hold.
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

func fields(t testing.TB, text []byte) map[string]any {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}
