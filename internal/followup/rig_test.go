package followup

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"rostrum.example/internal/fileproblem"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

// rig is the follow-up with its site. Whom a request comes from stands in the header X-Actor.
type rig struct {
	t      testing.TB
	db     *store.DB
	room   *Room
	site   *page.Site
	ledger *ledger.Ledger

	mu      sync.Mutex
	now     time.Time
	mail    []party.Message
	authors map[ledger.ID][]Author
	bodies  map[party.OrganisationID]party.Organisation
	follows map[string]string
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

func holding(id party.PersonID, role party.Role, scope party.Scope) party.Actor {
	return party.Actor{Person: id, Name: "Sample " + string(id), Fresh: true, Roles: []party.Held{{Role: role, Scope: scope}}}
}

var (
	officer = holding("officer", party.Officer, party.WholeInstance())
	editor  = holding("editor", party.Editor, party.WholeInstance())
	atOne   = holding("at-one", party.FocalPoint, party.OfState("AT"))
	atTwo   = holding("at-two", party.FocalPoint, party.OfState("AT"))
	frOne   = holding("fr-one", party.FocalPoint, party.OfState("FR"))
	contact = holding("contact", party.Contact, party.OfOrganisation("shelter"))
	quiet   = holding("quiet", party.Contact, party.OfOrganisation("quiet"))
	alert   = holding("coordinator", party.Coordinator, party.OfBody("som"))
	several = party.Actor{Person: "several", Roles: []party.Held{{Role: party.FocalPoint, Scope: party.OfState("AT")}, {Role: party.FocalPoint, Scope: party.OfState("FR")}}}
)

var actors = map[string]party.Actor{
	"officer": officer, "editor": editor, "at-one": atOne, "at-two": atTwo, "fr-one": frOne, "contact": contact, "quiet": quiet, "coordinator": alert, "several": several,
}

func (g *rig) Actor(_ context.Context, r *page.Request) (party.Actor, error) {
	return actors[r.Header.Get("X-Actor")], nil
}

func (g *rig) SignedIn(h party.ActorHandler) page.Handler {
	return func(w http.ResponseWriter, r *page.Request) error {
		a, _ := g.Actor(r.Context(), r)
		if a.Anonymous() {
			return party.Allow(a, "", party.WholeInstance())
		}
		return h(w, r, a)
	}
}

func (g *rig) Organisation(_ *store.Tx, id party.OrganisationID) (party.Organisation, error) {
	o, ok := g.bodies[id]
	if !ok {
		return o, party.ErrNotFound
	}
	return o, nil
}

// Queue takes the place of the outbox.
func (g *rig) Queue(_ *store.Tx, _ store.Org, m party.Message) error {
	g.mail = append(g.mail, m)
	return nil
}

func english(s string) map[locale.Lang]string { return map[locale.Lang]string{locale.English: s} }

func sampleWords(en, fr, ar string) Words {
	w := Words{locale.English: {en, "editors"}}
	if fr != "" {
		w[locale.French] = Wording{fr, "machine"}
	}
	if ar != "" {
		w[locale.Arabic] = Wording{ar, "machine"}
	}
	return w
}

func called(id, en, fr, ar string) party.Named {
	return party.Named{ID: id, Name: map[locale.Lang]string{locale.English: en, locale.French: fr, locale.Arabic: ar}}
}

const (
	data PointID = "summary/som-2027/block/data"
	risk PointID = "summary/som-2027/block/risk"
	next PointID = "summary/som-2028/block/data"
)

// samplePoints are two points of one exercise.
func samplePoints() []Point {
	return []Point{
		{ID: data, Origin: "som-2027", Kind: MainPoint, Need: "data_evidence", Sample: true, Text: sampleWords("Collect data so that programmes can be evaluated.", "Recueillir des données pour évaluer les programmes.", "جمع البيانات لتقييم البرامج.")},
		{ID: risk, Origin: "som-2027", Kind: Recommendation, Sample: true, Text: sampleWords("Protect those who speak up.", "Protéger ceux qui parlent.", "حماية من يتحدثون.")},
	}
}

func newRig(t testing.TB, db *store.DB) *rig {
	t.Helper()
	g := &rig{t: t, db: db, now: time.Date(2027, 4, 1, 9, 30, 0, 0, time.UTC), authors: map[ledger.ID][]Author{}, follows: map[string]string{"som-2028": "som-2027"},
		bodies: map[party.OrganisationID]party.Organisation{
			"shelter": {ID: "shelter", Name: "Sample Shelter Network", Type: "ngo", Listed: true},
			"quiet":   {ID: "quiet", Name: "Sample Quiet House", Type: "academia"},
		}}
	catalogues, err := locale.New(page.Catalogue, party.Catalogue, fileproblem.Catalogue, Catalogue)
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
	if g.ledger, err = ledger.New(t.Context(), ledger.Options{
		DB: db, Key: key, Origin: origin, Clock: g.clock, Random: rand.Reader, CheckpointFile: filepath.Join(t.TempDir(), "checkpoint"),
	}); err != nil {
		t.Fatal(err)
	}
	titles := map[string]Words{"som-2027": sampleWords("Exercise dialogue 2027", "Dialogue d’exercice 2027", "حوار تدريبي 2027"), "som-2028": sampleWords("Exercise dialogue 2028", "", "")}
	g.room, err = New(Options{
		DB: db, Org: "sample", Ledger: g.ledger, Directory: g, Catalogues: catalogues, Clock: g.clock, Random: rand.Reader, Mail: g,
		Address: func() string { return "https://record.example.org" }, Operator: func() string { return "the Sample Secretariat" },
		States:     []party.Named{called("AT", "Austria", "Autriche", "النمسا"), called("FR", "France", "France", "فرنسا"), called("DE", "Germany", "Allemagne", "ألمانيا"), called("ZA", "South Africa", "Afrique du Sud", "جنوب أفريقيا")},
		Categories: []party.Named{called("ngo", "Non-governmental organisation", "Organisation non gouvernementale", "منظمة غير حكومية"), called("academia", "Academia", "Milieu universitaire", "الأوساط الأكاديمية")},
		Needs:      []party.Named{called("data_evidence", "Data and evidence", "Données et éléments", "البيانات والأدلة")},
		Dialogue: func(_ *store.Tx, id string) (Words, bool, error) {
			w, ok := titles[id]
			return w, ok, nil
		},
		Follows: func(_ *store.Tx, id string) (string, error) { return g.follows[id], nil },
		Authors: func(_ *store.Tx, cites []ledger.ID) ([]Author, error) {
			var all []Author
			for _, id := range cites {
				all = append(all, g.authors[id]...)
			}
			return all, nil
		},
		Countries: func(text string, _ locale.Lang) []string {
			var all []string
			for code, name := range map[string]string{"AT": "Austria", "FR": "France"} {
				if strings.Contains(text, name) {
					all = append(all, code)
				}
			}
			return all
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

func (g *rig) write(fn func(tx *store.Tx) error) {
	g.t.Helper()
	g.must(g.db.Write(g.t.Context(), fn))
}

func (g *rig) read(fn func(tx *store.Tx) error) {
	g.t.Helper()
	g.must(g.db.Read(g.t.Context(), fn))
}

// words enters what somebody said, to be cited.
func (g *rig) words(subject string, by ...Author) (id ledger.ID) {
	g.t.Helper()
	g.write(func(tx *store.Tx) (err error) {
		id, err = g.ledger.Enter(tx, ledger.Entry{Org: "sample", Type: "input.published", Subject: subject, At: "2027-03-30", Text: []byte(`{"text":"sample"}`)})
		return err
	})
	g.authors[id] = by
	return id
}

// publish takes the sample points into the follow-up.
func (g *rig) publish(cites ...ledger.ID) {
	g.t.Helper()
	points := samplePoints()
	points[0].Cites = cites
	g.write(func(tx *store.Tx) error { return g.room.Put(tx, points) })
}

// put puts both points to States.
func (g *rig) put(states ...string) {
	g.t.Helper()
	_, err := g.room.PutToStates(g.t.Context(), officer, DeliveryData{Points: []string{string(data), string(risk)}, States: states, Way: "note", Day: "2027-03-31", Reference: "NV-1"})
	g.must(err)
}

func (g *rig) known(id PointID) *Known {
	g.t.Helper()
	var k *Known
	g.read(func(tx *store.Tx) (err error) {
		k, err = g.room.Known(tx, id)
		return err
	})
	return k
}

func commitment() AnswerData {
	return AnswerData{Kind: string(TakesUp), Measure: english("A yearly survey."), Owner: english("The sample ministry"), Date: "2027-12"}
}

// answer publishes what a State says of a point.
func (g *rig) answer(id PointID, state string, data AnswerData, one, two party.Actor) {
	g.t.Helper()
	edit := g.edit(id, state, one)
	g.must(g.room.SaveAnswer(g.t.Context(), one, id, state, edit, data))
	g.must(g.room.HandAnswer(g.t.Context(), one, id, state, edit+1))
	g.must(g.room.ClearAnswer(g.t.Context(), two, id, state, edit+2))
}

func (g *rig) edit(id PointID, state string, actor party.Actor) int {
	g.t.Helper()
	var a Answer
	g.read(func(tx *store.Tx) (err error) {
		_, _, a, err = g.room.draft(tx, actor, id, state, -1)
		return err
	})
	return a.Edit
}

// enter has the record take in what waits.
func (g *rig) enter() {
	g.t.Helper()
	for {
		n, err := g.ledger.Integrate(g.t.Context())
		g.must(err)
		if n == 0 {
			break
		}
	}
	g.must(g.ledger.Publish(g.t.Context()))
}

// types lists what the record holds of a point, in order.
func (g *rig) types(id PointID) (all []string) {
	g.t.Helper()
	g.enter()
	entries, err := g.ledger.Of(g.t.Context(), id.Subject())
	g.must(err)
	for _, e := range entries {
		all = append(all, strings.TrimPrefix(e.Leaf.Type, "followup."))
	}
	return all
}

func says(lines []Line) string {
	var all []string
	for _, l := range lines {
		all = append(all, strings.TrimSpace(string(l.Says)+" "+strings.Join(l.States, ",")))
	}
	return strings.Join(all, "; ")
}

// wrong gives the key of an error, with its field.
func wrong(err error) string {
	var fields page.Invalids
	var p *page.Problem
	switch {
	case err == nil:
		return ""
	case errors.As(err, &fields):
		var keys []string
		for _, f := range fields {
			keys = append(keys, f.Field+" "+f.Key)
		}
		return strings.Join(keys, ", ")
	case errors.As(err, &p):
		return p.Key
	}
	return err.Error()
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
	if actor != "" {
		r.AddCookie(&http.Cookie{Name: "session", Value: actor})
	}
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

func (g *rig) upload(actor, path, name string, data []byte) answer {
	g.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	f, err := w.CreateFormFile("file", name)
	g.must(err)
	_, err = f.Write(data)
	g.must(err)
	g.must(w.Close())
	r := httptest.NewRequest("POST", path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
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
