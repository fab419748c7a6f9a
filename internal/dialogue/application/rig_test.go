package application

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/fileproblem"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/seal"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
	"rostrum.example/presets"
)

const org store.Org = "sample"

// rig is the room with the rooms and the ground that it stands on, a clock that tests move, and an outbox, a queue and a
// log that they read.
type rig struct {
	t         testing.TB
	db        *store.DB
	room      *Room
	cycle     *cycle.Room
	directory *party.Directory
	ledger    *ledger.Ledger
	site      *page.Site
	m         *mechanism.Mechanism
	identity  seal.Identity
	at        string
	log       *bytes.Buffer

	mu        sync.Mutex
	now       time.Time
	mail      []party.Message
	jobs      []LinkPayload
	forgotten []party.Email
}

func (g *rig) clock() time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now
}

func (g *rig) set(t time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now = t
}

// Queue takes a message when its transaction commits.
func (g *rig) Queue(tx *store.Tx, _ store.Org, m party.Message) error {
	tx.OnCommit(func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.mail = append(g.mail, m)
	})
	return nil
}

// Add takes a job when its transaction commits.
func (g *rig) Add(tx *store.Tx, _ store.Org, kind string, payload any, _ time.Time) error {
	tx.OnCommit(func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if p, ok := payload.(LinkPayload); ok && kind == LinkJob {
			g.jobs = append(g.jobs, p)
		}
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
		if err := g.room.AnswerLink(g.t.Context(), j); err != nil {
			g.t.Fatal(err)
		}
	}
}

// messages gives the messages to an address, oldest first.
func (g *rig) messages(to string) (all []party.Message) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range g.mail {
		if m.To.Key() == to {
			all = append(all, m)
		}
	}
	return all
}

var officer = party.Actor{Person: "officer", Fresh: true, Roles: []party.Held{{Role: party.Officer, Scope: party.WholeInstance()}}}

func english(s string) map[locale.Lang]string { return map[locale.Lang]string{locale.English: s} }

// states takes the states of a process from the preset.
func states(all mechanism.States, roles map[string]party.Role) []cycle.State {
	var out []cycle.State
	for _, s := range all {
		one := cycle.State{ID: s.ID, Name: spoken(s.Name), Next: s.Next}
		for _, id := range s.MovedBy {
			if role, ok := roles[id]; ok {
				one.MovedBy = append(one.MovedBy, role)
			}
		}
		for _, ask := range s.Asks {
			one.Asks = append(one.Asks, cycle.Ask{ID: ask.ID, Name: spoken(ask.Name), Required: ask.Required})
		}
		out = append(out, one)
	}
	return out
}

func spoken(t mechanism.Text) dialogue.Words {
	w := dialogue.Words{}
	for _, one := range t {
		w[locale.Lang(one.Lang)] = dialogue.Wording{Text: one.Text, Status: "official"}
	}
	return w
}

func newRig(t testing.TB, db *store.DB, change ...func(*mechanism.Form)) *rig {
	t.Helper()
	g := &rig{t: t, db: db, now: time.Date(2026, 11, 23, 15, 20, 0, 0, time.UTC), at: "http://localhost:8053", log: &bytes.Buffer{}}
	var err error
	fail := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	g.m, err = presets.Read("untoc")
	fail(err)
	for _, fn := range change {
		fn(&g.m.Form)
	}
	catalogues, err := locale.New(page.Catalogue, party.Catalogue, cycle.Catalogue, fileproblem.Catalogue, Catalogue)
	fail(err)
	log := slog.New(slog.NewJSONHandler(g.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	g.directory, err = party.New(party.Options{DB: db, Org: org, Clock: g.clock, Random: rand.Reader, Log: log, Catalogues: catalogues, Mail: g, Jobs: g,
		Instance: func() party.Instance { return party.Instance{URL: g.at, Operator: "the Sample Secretariat"} },
		Preset:   party.Preset{Roles: party.Roles()}})
	fail(err)
	secret, err := ledger.GenerateKey(rand.Reader, "record.example.org/log")
	fail(err)
	key, err := ledger.NewKey(secret)
	fail(err)
	g.ledger, err = ledger.New(t.Context(), ledger.Options{DB: db, Key: key, Origin: "record.example.org/log", Clock: g.clock, Random: rand.Reader, CheckpointFile: filepath.Join(t.TempDir(), "checkpoint")})
	fail(err)
	roles := map[string]party.Role{"secretariat_officer": party.Officer, "civil_society_officer": party.Officer, "chair": party.Chair, "bureau_member": party.Bureau, "applicant": party.Contact}
	g.cycle, err = cycle.New(cycle.Options{DB: db, Org: org, Ledger: g.ledger, Directory: g.directory, Catalogues: catalogues, Clock: g.clock, Random: rand.Reader, Log: log,
		States: states(g.m.Dialogue.States, roles), Bodies: []party.Named{{ID: "som"}}, Zone: "Europe/Vienna", CheckRecipients: func([]string) error { return nil }})
	fail(err)
	var admissions []State
	for i, s := range states(g.m.Application.States, roles) {
		admissions = append(admissions, State{s, slices.Contains(g.m.Application.States[i].MovedBy, "applicant")})
	}
	g.room, err = New(Options{DB: db, Org: org, Ledger: g.ledger, Directory: g.directory, Cycle: g.cycle, Mail: g, Jobs: g, Catalogues: catalogues, Clock: g.clock,
		Random: rand.Reader, Log: log, Address: func() string { return g.at }, Operator: "the Sample Secretariat", Form: g.m.Form, States: admissions,
		Forget: func(_ *store.Tx, to party.Email) error { g.forgotten = append(g.forgotten, to); return nil }})
	fail(err)
	g.site, err = page.New(page.Options{Catalogues: catalogues, Clock: g.clock, Changes: db.Changes, Viewer: g.directory.Viewer, Log: log})
	fail(err)
	g.site.SetInstance(page.Instance{Operator: "the Sample Secretariat"})
	fail(g.room.Seat(g.site))
	g.ledger.Register(Prefix, g.room.Resolve)
	g.identity, err = seal.GenerateIdentity()
	fail(err)
	return g
}

// convene plans two dialogues and opens a call for both that closes at the end of 27 March 2027 in Vienna, the night
// before summer time begins.
func (g *rig) convene() {
	g.t.Helper()
	for id, title := range map[string]string{"som-2027": "Dialogue on the smuggling of migrants", "tip-2027": "Dialogue on trafficking in persons"} {
		_, err := g.cycle.Plan(g.t.Context(), officer, cycle.DialogueData{ID: id, Body: "som", Starts: "2027-05-30", Ends: "2027-05-31", Zone: "Europe/Vienna", Title: english(title)}, true)
		if err != nil {
			g.t.Fatal(err)
		}
	}
	_, err := g.cycle.SetCall(g.t.Context(), officer, 0, cycle.CallData{ID: "spring", Closes: "2027-03-27", Zone: "Europe/Vienna", Erases: "2027-12-31",
		Recipients: g.identity.Recipient().String(), Dialogues: []string{"som-2027", "tip-2027"}, Title: english("Call for the dialogues of May 2027")})
	if err != nil {
		g.t.Fatal(err)
	}
	for _, id := range []dialogue.ID{"som-2027", "tip-2027"} {
		if err := g.cycle.Move(g.t.Context(), officer, id, cycle.Planned, cycle.CallOpen, nil); err != nil {
			g.t.Fatal(err)
		}
	}
}

func (g *rig) write(fn func(*store.Tx) error) {
	g.t.Helper()
	if err := g.db.Write(context.Background(), fn); err != nil {
		g.t.Fatal(err)
	}
}

func (g *rig) read(fn func(*store.Tx) error) {
	g.t.Helper()
	if err := g.db.Read(context.Background(), fn); err != nil {
		g.t.Fatal(err)
	}
}

// all reads the applications to the call.
func (g *rig) all() (all []*Application) {
	g.t.Helper()
	g.read(func(tx *store.Tx) (err error) { all, err = g.room.OfCall(tx, "spring"); return err })
	return all
}

func (g *rig) only() *Application {
	g.t.Helper()
	all := g.all()
	if len(all) != 1 {
		g.t.Fatalf("there are %d applications, want 1", len(all))
	}
	return all[0]
}

func (g *rig) admission(a ID, d dialogue.ID) (m *Admission) {
	g.t.Helper()
	g.read(func(tx *store.Tx) (err error) { m, err = g.room.Admission(tx, a, d); return err })
	return m
}

func (g *rig) moves(a ID) (all []Move) {
	g.t.Helper()
	g.read(func(tx *store.Tx) (err error) { all, err = g.room.Moves(tx, a); return err })
	return all
}

// move lets the officer move an admission through states.
func (g *rig) move(d dialogue.ID, shown map[string]string, to ...string) {
	g.t.Helper()
	for _, state := range to {
		g.write(func(tx *store.Tx) error {
			all, err := g.room.OfCall(tx, "spring")
			if err != nil {
				return err
			}
			m, err := g.room.Admission(tx, all[0].ID, d)
			if err != nil {
				return err
			}
			_, err = g.room.Move(tx, all[0], m, Change{To: state, By: ByOfficer, Actor: "officer", Answers: shown, Shown: shown})
			return err
		})
	}
}

// opened opens the sealed answers of an application.
func (g *rig) opened(id ID) map[string]string {
	g.t.Helper()
	var sealed []byte
	g.read(func(tx *store.Tx) (err error) { sealed, err = g.room.Sealed(tx, id); return err })
	return g.open(sealed)
}

func (g *rig) open(sealed []byte) map[string]string {
	g.t.Helper()
	record, err := seal.Open(sealed, seal.NewIdentities(g.identity))
	if err != nil {
		g.t.Fatal(err)
	}
	found := map[string]string{"kind": record.Kind, "subject": record.Subject}
	for _, f := range record.Fields {
		found[f.ID] = strings.Trim(string(f.Value.Reveal()), `"`)
	}
	return found
}

// browser sends requests as browsers do and keeps their cookies.
type browser struct {
	g       *rig
	lang    string
	cookies map[string]*http.Cookie
}

func (g *rig) browser() *browser {
	return &browser{g: g, lang: "en", cookies: map[string]*http.Cookie{}}
}

type answer struct {
	*httptest.ResponseRecorder
	b *browser
}

func (b *browser) send(r *http.Request) answer {
	b.g.t.Helper()
	r.Host = "localhost:8053"
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if r.Method == http.MethodPost {
		r.Header.Set("Origin", "http://localhost:8053")
	}
	for _, c := range b.cookies {
		if r.URL.Path == c.Path || strings.HasPrefix(r.URL.Path, c.Path+"/") || c.Path == "/" {
			r.AddCookie(c)
		}
	}
	w := httptest.NewRecorder()
	b.g.site.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name+c.Path)
		} else {
			b.cookies[c.Name+c.Path] = c
		}
	}
	return answer{w, b}
}

func (b *browser) get(path string) answer {
	b.g.t.Helper()
	return b.send(httptest.NewRequest("GET", "/"+b.lang+path, nil))
}

// values makes a form of pairs.
func values(pairs ...string) url.Values {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form
}

func (b *browser) post(path string, form url.Values) answer {
	b.g.t.Helper()
	r := httptest.NewRequest("POST", "/"+b.lang+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.send(r)
}

// upload sends a form with a file.
func (b *browser) upload(path, name string, file []byte, form url.Values) answer {
	b.g.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for field, values := range form {
		for _, v := range values {
			w.WriteField(field, v)
		}
	}
	if file != nil {
		part, err := w.CreateFormFile("file", name)
		if err != nil {
			b.g.t.Fatal(err)
		}
		part.Write(file)
	}
	w.Close()
	r := httptest.NewRequest("POST", "/"+b.lang+path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return b.send(r)
}

var hiddenIn = regexp.MustCompile(`<input type="hidden" name="(key|version|once)" value="([^"]*)">`)

// fill sends the form of a page with what the page brings along.
func (b *browser) fill(page answer, path string, form url.Values) answer {
	b.g.t.Helper()
	for _, m := range hiddenIn.FindAllStringSubmatch(page.Body.String(), -1) {
		if !form.Has(m[1]) {
			form.Set(m[1], m[2])
		}
	}
	return b.post(path, form)
}

// step fills a page of the form.
func (b *browser) step(step string, form url.Values) answer {
	b.g.t.Helper()
	return b.fill(b.get("/applications/"+step).wants(200), "/applications/"+step, form)
}

// wants checks the status and texts that the answer must hold.
func (a answer) wants(status int, texts ...string) answer {
	a.b.g.t.Helper()
	if a.Code != status {
		a.b.g.t.Fatalf("the status is %d, want %d; Location %q; body:\n%s", a.Code, status, a.Header().Get("Location"), a.main())
	}
	for _, text := range texts {
		if !strings.Contains(a.Body.String(), text) {
			a.b.g.t.Errorf("the page does not say %q:\n%s", text, a.main())
		}
	}
	return a
}

func (a answer) without(texts ...string) answer {
	a.b.g.t.Helper()
	for _, text := range texts {
		if strings.Contains(a.Body.String(), text) {
			a.b.g.t.Errorf("the page says %q:\n%s", text, a.main())
		}
	}
	return a
}

func (a answer) leadsTo(path string) answer {
	a.b.g.t.Helper()
	if a.Code != http.StatusSeeOther || a.Header().Get("Location") != path {
		a.b.g.t.Fatalf("the answer is %d to %q, want 303 to %q; body:\n%s", a.Code, a.Header().Get("Location"), path, a.main())
	}
	return a
}

func (a answer) main() string {
	_, body, _ := strings.Cut(a.Body.String(), "<main")
	body, _, _ = strings.Cut(body, "</main>")
	if body == "" {
		return a.Body.String()
	}
	return body
}

// The sample applicant's answers, page by page.
func organisation() url.Values {
	return values("organisation_name", "Sample Shelter Network", "contact_email", "desk@shelter.example", "country_of_registration", "AT",
		"countries_and_regions_of_work", "ML", "countries_and_regions_of_work", "011", "stakeholder_type", "ngo", "ngo_subtype", "grassroots")
}

func experience() url.Values {
	return values("dialogues_applied_for", "som-2027", "dialogues_applied_for", "tip-2027", "expertise_per_dialogue", "Ten years of shelter work.", "evidence_links", "example.org/report\nhttps://example.org/two")
}

func people() url.Values {
	return values("nominated_persons-0-name", "A. Sample", "nominated_persons-0-email", "a@shelter.example", "nominated_persons-0-mode", "in_person",
		"mode", "in_person", "wants_to_speak", "yes", "speaking_topic", "Shelters", "working_languages", "en", "working_languages", "fr")
}

func support() url.Values { return values("travel_support_requested", "yes") }

func consent(listing, safety string) url.Values {
	return values("listing_consent", listing, "data_notice_accepted", "yes", "visa_letter_needed", "yes", "travel_support_reason", canaryReason,
		"accessibility_needs", canaryAccess, "safety_flag", safety, "safe_contact", canaryContact)
}

// Canaries are looked for where nothing sealed may stand.
const (
	canaryReason  = "CANARY-REASON grants ended"
	canaryAccess  = "CANARY-ACCESS wheelchair"
	canaryContact = "CANARY-CONTACT through the bakery"
)

// draft fills every page of the form in a new browser.
func (g *rig) draft(listing, safety string) *browser {
	g.t.Helper()
	b := g.browser()
	b.fill(b.get("/calls/spring/apply").wants(200), "/calls/spring/apply", organisation()).leadsTo("/en/applications/experience?done=begun")
	b.step("experience", experience()).leadsTo("/en/applications/people")
	b.step("people", people()).leadsTo("/en/applications/support")
	b.step("support", support()).leadsTo("/en/applications/consent")
	b.step("consent", consent(listing, safety)).leadsTo("/en/applications/check")
	return b
}

// officer gives a browser in which the first officer is signed in.
func (g *rig) officer() *browser {
	g.t.Helper()
	if err := g.directory.Register(g.site); err != nil {
		g.t.Fatal(err)
	}
	var link string
	g.write(func(tx *store.Tx) (err error) {
		link, err = g.directory.CreateFirstOfficer(tx, "Sample Officer", "officer@example.org", locale.English)
		return err
	})
	b := g.browser()
	page := b.get(link).wants(200)
	b.post("/sign-in/link", values("key", buttonKey.FindStringSubmatch(page.Body.String())[1]))
	return b
}

// applied submits the sample application.
func (g *rig) applied(listing, safety string) *browser {
	g.t.Helper()
	b := g.draft(listing, safety)
	b.post("/applications/check", url.Values{}).leadsTo("/en/applications?done=submitted")
	return b
}

func newSQLiteRig(t testing.TB, change ...func(*mechanism.Form)) *rig {
	t.Helper()
	g := newRig(t, storetest.SQLite(t), change...)
	g.convene()
	return g
}
