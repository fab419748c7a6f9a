package admission

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
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
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
	"rostrum.example/presets"
)

const org store.Org = "sample"

const som dialogue.ID = "som-2027"

// rig is the room with the rooms and the ground that it stands on, a clock that tests move, and an outbox that they read.
type rig struct {
	t         testing.TB
	db        *store.DB
	room      *Room
	apps      *application.Room
	cycle     *cycle.Room
	directory *party.Directory
	ledger    *ledger.Ledger
	site      *page.Site
	m         *mechanism.Mechanism
	spoke     map[ParticipantID]bool
	n         int // applications made

	mu   sync.Mutex
	now  time.Time
	mail []party.Message
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
func (g *rig) Queue(tx *store.Tx, _ store.Org, m party.Message) error {
	tx.OnCommit(func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.mail = append(g.mail, m)
	})
	return nil
}

// Add takes a job and forgets it: nobody here asks for links.
func (g *rig) Add(*store.Tx, store.Org, string, any, time.Time) error { return nil }

// last gives the newest message to an address.
func (g *rig) last(to string) party.Message {
	g.t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range slices.Backward(g.mail) {
		if string(m.To) == to {
			return m
		}
	}
	g.t.Fatalf("there is no message to %s", to)
	return party.Message{}
}

func (g *rig) drop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.mail = nil
}

var (
	officer = party.Actor{Person: "officer", Name: "Sample Officer", Fresh: true, Roles: []party.Held{{Role: party.Officer, Scope: party.WholeInstance()}}}
	member  = party.Actor{Person: "member", Fresh: true, Roles: []party.Held{{Role: party.Bureau, Scope: party.OfBody("som")}}}
	chair   = party.Actor{Person: "chair", Fresh: true, Roles: []party.Held{{Role: party.Chair, Scope: party.OfBody("som")}}}
	umbrell = party.Actor{Person: "umbrella", Fresh: true, Roles: []party.Held{{Role: party.Coordinator, Scope: party.WholeInstance()}}}
)

func english(s string) map[locale.Lang]string { return map[locale.Lang]string{locale.English: s} }

func spoken(t mechanism.Text) dialogue.Words {
	w := dialogue.Words{}
	for _, one := range t {
		w[locale.Lang(one.Lang)] = dialogue.Wording{Text: one.Text, Status: "official"}
	}
	return w
}

var houseRoles = map[string]party.Role{"secretariat_officer": party.Officer, "civil_society_officer": party.Officer, "chair": party.Chair, "bureau_member": party.Bureau}

func states(all mechanism.States) (out []cycle.State) {
	for _, s := range all {
		one := cycle.State{ID: s.ID, Name: spoken(s.Name), Next: s.Next}
		for _, id := range s.MovedBy {
			if role, ok := houseRoles[id]; ok {
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

func newRig(t testing.TB, db *store.DB) *rig {
	t.Helper()
	g := &rig{t: t, db: db, now: time.Date(2026, 11, 23, 15, 20, 0, 0, time.UTC), spoke: map[ParticipantID]bool{}}
	var err error
	fail := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	g.m, err = presets.Read("untoc")
	fail(err)
	catalogues, err := locale.New(page.Catalogue, party.Catalogue, cycle.Catalogue, application.Catalogue, Catalogue)
	fail(err)
	log := slog.New(slog.DiscardHandler)
	address := func() string { return "http://localhost:8053" }
	g.directory, err = party.New(party.Options{DB: db, Org: org, Clock: g.clock, Random: rand.Reader, Log: log, Catalogues: catalogues, Mail: g, Jobs: g,
		Instance:  func() party.Instance { return party.Instance{URL: address(), Operator: "the Sample Secretariat"} },
		Preset:    party.Preset{Roles: party.Roles(), Bodies: []party.Named{{ID: "som", Name: english("Working Group on the Smuggling of Migrants")}}},
		Dialogues: func(tx *store.Tx) ([]party.Dialogue, error) { return g.cycle.Held(tx) }})
	fail(err)
	key, err := ledger.GenerateKey(rand.Reader, "record.example.org/log")
	fail(err)
	signer, err := ledger.NewKey(key)
	fail(err)
	g.ledger, err = ledger.New(t.Context(), ledger.Options{DB: db, Key: signer, Origin: "record.example.org/log", Clock: g.clock, Random: rand.Reader, CheckpointFile: filepath.Join(t.TempDir(), "checkpoint")})
	fail(err)
	g.cycle, err = cycle.New(cycle.Options{DB: db, Org: org, Ledger: g.ledger, Directory: g.directory, Catalogues: catalogues, Clock: g.clock, Random: rand.Reader, Log: log,
		States: states(g.m.Dialogue.States), Bodies: []party.Named{{ID: "som"}}, Zone: "Europe/Vienna", CheckRecipients: func([]string) error { return nil }})
	fail(err)
	var admissions []application.State
	for i, s := range states(g.m.Application.States) {
		admissions = append(admissions, application.State{State: s, Applicant: slices.Contains(g.m.Application.States[i].MovedBy, "applicant")})
	}
	g.apps, err = application.New(application.Options{DB: db, Org: org, Ledger: g.ledger, Directory: g.directory, Cycle: g.cycle, Mail: g, Jobs: g, Catalogues: catalogues, Clock: g.clock,
		Random: rand.Reader, Log: log, Address: address, Operator: "the Sample Secretariat", Form: g.m.Form, States: admissions,
		Forget: func(*store.Tx, party.Email) error { return nil }})
	fail(err)
	g.room, err = New(Options{DB: db, Org: org, Ledger: g.ledger, Directory: g.directory, Cycle: g.cycle, Applications: g.apps, Mail: g, Catalogues: catalogues, Clock: g.clock,
		Random: rand.Reader, Log: log, Address: address, Operator: "the Sample Secretariat", Mechanism: g.m, States: admissions,
		Spoke: func(*store.Tx, dialogue.ID) (map[ParticipantID]bool, error) { return g.spoke, nil }})
	fail(err)
	g.site, err = page.New(page.Options{Catalogues: catalogues, Clock: g.clock, Changes: db.Changes, Viewer: g.directory.Viewer, Log: log})
	fail(err)
	g.site.SetInstance(page.Instance{Operator: "the Sample Secretariat"})
	fail(g.directory.Register(g.site))
	fail(g.cycle.Seat(g.site))
	fail(g.apps.Seat(g.site))
	fail(g.room.Seat(g.site))
	_, err = g.cycle.Plan(t.Context(), officer, cycle.DialogueData{ID: string(som), Body: "som", Starts: "2027-05-30", Ends: "2027-05-31", Zone: "Europe/Vienna",
		Title: map[locale.Lang]string{"en": "Dialogue on the smuggling of migrants", "fr": "Dialogue sur le trafic illicite de migrants", "ar": "حوار بشأن تهريب المهاجرين"},
		Place: map[locale.Lang]string{"en": "Vienna, Boardroom D, and online", "fr": "Vienne, salle D, et en ligne", "ar": "فيينا، القاعة D، وعبر الإنترنت"}}, true)
	fail(err)
	_, err = g.cycle.SetCall(t.Context(), officer, 0, cycle.CallData{ID: "spring", Closes: "2027-03-27", Zone: "Europe/Vienna", Erases: "2027-12-31",
		Recipients: "age1sample", Dialogues: []string{string(som)}, Title: english("Call for the dialogue of May 2027")})
	fail(err)
	return g
}

func newSQLiteRig(t testing.TB) *rig {
	t.Helper()
	return newRig(t, storetest.SQLite(t))
}

func (g *rig) write(fn func(*store.Tx) error) {
	g.t.Helper()
	if err := g.db.Write(g.t.Context(), fn); err != nil {
		g.t.Fatal(err)
	}
}

func (g *rig) read(fn func(*store.Tx) error) {
	g.t.Helper()
	if err := g.db.Read(g.t.Context(), fn); err != nil {
		g.t.Fatal(err)
	}
}

// sampleApplication is what a test says of an application; the rest is usual.
type sampleApplication struct {
	Name, Country, Type string
	Listing             application.Listing
	Lang                locale.Lang
	Persons             []map[string]string
	Without             string // a question that was not answered
	Speaks, Travel      bool
	Sealed              string
}

const plantApplication = `
	insert into application (org, id, call, sample, lang, name, email, email_key, answers, sealed, sealed_at, listing, source, source_row, steps, created, changed, submitted, erases, erased, version)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`

const plantAdmission = `
	insert into application_admission (org, application, dialogue, state, since, version, subject, entry)
	values ($1, $2, $3, $4, $5, $6, $7, $8)`

// apply plants an application as its room keeps them, and submits it.
func (g *rig) apply(s sampleApplication) application.ID {
	g.t.Helper()
	var id application.ID
	g.write(func(tx *store.Tx) (err error) {
		id, err = g.plant(tx, s)
		return err
	})
	return id
}

func (g *rig) plant(tx *store.Tx, s sampleApplication) (application.ID, error) {
	g.n++
	name, country, kind := cmp.Or(s.Name, fmt.Sprintf("Sample Organisation %03d", g.n)), cmp.Or(s.Country, "KE"), cmp.Or(s.Type, "ngo")
	yesNo := map[bool]string{true: "yes", false: "no"}
	if s.Persons == nil {
		s.Persons = []map[string]string{{"name": fmt.Sprintf("Person %03d Sample", g.n), "function": "Coordinator", "email": fmt.Sprintf("person%03d@example.org", g.n), "mode": "in_person"}}
	}
	one := func(v ...string) application.Answer { return application.Answer{Values: v} }
	answers := application.Answers{
		"organisation_name": one(name), "acronym": one("SO" + fmt.Sprint(g.n)), "website": one("https://example.org/" + fmt.Sprint(g.n)), "country_of_registration": one(country),
		"countries_and_regions_of_work": one(country, "TN"), "stakeholder_type": one(kind), "ngo_subtype": one("grassroots", "national"), "ecosoc_status": one("none"), "observer_at_untoc_cop": one("no"),
		"dialogues_applied_for": one(string(som)), "expertise_per_dialogue": one("Shelters along the coast since 2015; counts of arrivals by month."), "evidence_links": one("https://example.org/report"),
		"nominated_persons": {Persons: s.Persons}, "mode": one("in_person"), "wants_to_speak": one(yesNo[s.Speaks]), "speaking_topic": one("What shelters see at sea"), "working_languages": one("en", "fr"),
		"travel_support_requested": one(yesNo[s.Travel]), "listing_consent": one(string(cmp.Or(s.Listing, application.Public))), "data_notice_accepted": one("yes"),
	}
	delete(answers, s.Without)
	body, err := json.Marshal(answers)
	if err != nil {
		return "", err
	}
	key, err := store.NewID(rand.Reader)
	if err != nil {
		return "", err
	}
	id, email := application.ID(key), fmt.Sprintf("contact%03d@example.org", g.n)
	now := store.Micros(g.clock())
	sealedAt := int64(0)
	if s.Sealed != "" {
		sealedAt = now
	}
	_, err = tx.Exec(plantApplication, org, id, "spring", 1, cmp.Or(s.Lang, locale.English), name, email, email, string(body), []byte(s.Sealed), sealedAt,
		cmp.Or(s.Listing, application.Public), "form", []byte{}, "{}", now, now, now+int64(g.n), store.Micros(time.Date(2027, 12, 31, 0, 0, 0, 0, time.UTC)), 0, 1)
	if err != nil {
		return "", err
	}
	if _, err := tx.Exec(plantAdmission, org, id, som, application.Draft, now, 1, "", ""); err != nil {
		return "", err
	}
	a, m, err := g.both(tx, id)
	if err != nil {
		return "", err
	}
	_, err = g.apps.Move(tx, a, m, application.Change{To: application.Submitted, By: application.ByApplicant})
	return id, err
}

func (g *rig) both(tx *store.Tx, id application.ID) (*application.Application, *application.Admission, error) {
	a, err := g.apps.Application(tx, id)
	if err != nil {
		return nil, nil, err
	}
	m, err := g.apps.Admission(tx, id, som)
	return a, m, err
}

// stands tells where an application is, and its version.
func (g *rig) stands(id application.ID) (string, int) {
	g.t.Helper()
	var m *application.Admission
	g.read(func(tx *store.Tx) (err error) {
		_, m, err = g.both(tx, id)
		return err
	})
	return m.State, m.Version
}

// take makes a step as an actor and gives the key of what keeps it from being made.
func (g *rig) take(actor party.Actor, id application.ID, to string, pairs ...string) string {
	g.t.Helper()
	_, version := g.stands(id)
	s := Step{To: to, Version: version, Answers: map[string]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		switch pairs[i] {
		case "named":
			s.Named = true
		case "told":
			s.Told = true
		default:
			s.Answers[pairs[i]] = pairs[i+1]
		}
	}
	return key(g.room.Take(g.t.Context(), actor, som, id, s))
}

// bring takes an application through states as the officer.
func (g *rig) bring(id application.ID, states ...string) {
	g.t.Helper()
	for _, to := range states {
		if got := g.take(officer, id, to, "reason", "Sample reason."); got != "" {
			g.t.Fatalf("bringing %s to %s: %s", id, to, got)
		}
	}
}

// registered brings an application all the way to being registered.
func (g *rig) registered(s sampleApplication) application.ID {
	g.t.Helper()
	id := g.apply(s)
	g.bring(id, application.CompletenessCheck, application.WithBureau, application.NoObjection, application.Admitted, application.Registered)
	return id
}

func (g *rig) participants() []*Participant {
	g.t.Helper()
	var all []*Participant
	g.read(func(tx *store.Tx) (err error) {
		all, err = g.room.Participants(tx, som)
		return err
	})
	return all
}

// key names what an error says.
func key(err error) string {
	switch e := err.(type) {
	case nil:
		return ""
	case page.Invalids:
		var all []string
		for _, f := range e {
			all = append(all, f.Field+" "+f.Key)
		}
		return strings.Join(all, ", ")
	case *page.Problem:
		return e.Key
	}
	return err.Error()
}

// browser sends requests as browsers do and keeps their cookies.
type browser struct {
	g       *rig
	lang    string
	cookies map[string]string
}

type answer struct {
	*httptest.ResponseRecorder
	g *rig
}

func (g *rig) browser() *browser { return &browser{g: g, lang: "en", cookies: map[string]string{}} }

func (b *browser) send(r *http.Request) answer {
	b.g.t.Helper()
	r.Host = "localhost:8053"
	r.Header.Set("Sec-Fetch-Site", "same-origin")
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
	return b.send(httptest.NewRequest("GET", "/"+b.lang+path, nil))
}

func (b *browser) post(path string, form url.Values) answer {
	b.g.t.Helper()
	r := httptest.NewRequest("POST", "/"+b.lang+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.send(r)
}

// upload sends a form with a file.
func (b *browser) upload(path, name string, body []byte, form url.Values) answer {
	b.g.t.Helper()
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for field, values := range form {
		for _, v := range values {
			w.WriteField(field, v)
		}
	}
	if name != "" {
		f, err := w.CreateFormFile("file", name)
		if err != nil {
			b.g.t.Fatal(err)
		}
		f.Write(body)
	}
	w.Close()
	r := httptest.NewRequest("POST", "/"+b.lang+path, &buf)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return b.send(r)
}

func (a answer) said() string {
	return strings.NewReplacer("\u2068", "", "\u2069", "", "&#39;", "'", "&#34;", `"`).Replace(a.Body.String())
}

func (a answer) wants(status int, texts ...string) answer {
	a.g.t.Helper()
	if a.Code != status {
		a.g.t.Fatalf("the status is %d, want %d; Location %q; body:\n%s", a.Code, status, a.Header().Get("Location"), a.main())
	}
	said := a.said()
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
		if strings.Contains(a.said(), text) {
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
	_, body, _ := strings.Cut(a.said(), "<main")
	body, _, _ = strings.Cut(body, "</main>")
	if body == "" {
		return a.said()
	}
	return body
}

var (
	linkIn = regexp.MustCompile(`https?://\S+/sign-in/link\?key=\S+`)
	keyIn  = regexp.MustCompile(`name="key" value="([^"]+)"`)
)

// invite gives somebody a role and signs them in.
func (g *rig) invite(name, email string, role party.Role, scope party.Scope) *browser {
	g.t.Helper()
	if _, err := g.directory.Invite(g.t.Context(), officer, party.Invitation{Name: name, Email: email, Lang: "en", Role: role, Scope: scope}); err != nil {
		g.t.Fatal(err)
	}
	u, err := url.Parse(linkIn.FindString(g.last(email).Text))
	if err != nil {
		g.t.Fatal(err)
	}
	b := g.browser()
	found := keyIn.FindStringSubmatch(b.get(strings.TrimPrefix(u.RequestURI(), "/en")).wants(200).Body.String())
	if a := b.post("/sign-in/link", url.Values{"key": {found[1]}}); a.Code != http.StatusSeeOther {
		g.t.Fatalf("the link did not sign in: %d\n%s", a.Code, a.main())
	}
	return b
}

func (g *rig) officer() *browser {
	g.t.Helper()
	return g.invite("Sample Officer", "officer@example.org", party.Officer, party.WholeInstance())
}

var inputIn = regexp.MustCompile(`<input id="(who-\d+)"[^>]* value="([^"]*)"`)

// inputs are the fields of a report's page as they stand.
func inputs(body string) url.Values {
	form := url.Values{}
	for _, m := range inputIn.FindAllStringSubmatch(body, -1) {
		form.Set(m[1], m[2])
	}
	return form
}
