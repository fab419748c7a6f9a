package summary

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
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

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/fileproblem"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
	"rostrum.example/internal/text"
)

const sampleID = dialogue.ID("exercise-2026")

var (
	chair   = party.Actor{Person: "chair", Name: "Sample Chair", Roles: []party.Held{{Role: party.Chair, Scope: party.OfBody("som")}}, Fresh: true}
	cochair = party.Actor{Person: "cochair", Name: "Sample Co-Chair", Roles: []party.Held{{Role: party.Chair, Scope: party.OfBody("som")}}, Fresh: true}
	stale   = party.Actor{Person: "chair", Name: "Sample Chair", Roles: chair.Roles}
	contact = party.Actor{Person: "contact", Roles: []party.Held{{Role: party.Contact, Scope: party.OfOrganisation("org")}}, Fresh: true}
	actors  = map[string]party.Actor{"chair": chair, "cochair": cochair, "stale": stale, "contact": contact}
)

// rig is a room with its site, on inputs that it has entered in a record of its own. Whom a request comes from stands in
// the header X-Actor.
type rig struct {
	t         testing.TB
	db        *store.DB
	room      *Room
	site      *page.Site
	ledger    *ledger.Ledger
	mu        sync.Mutex
	now       time.Time
	held      Held
	sources   []Source
	mails     []party.Message
	published [][]PublishedPoint
	speakers  map[string][]Speaker
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

func (g *rig) Queue(_ *store.Tx, _ store.Org, m party.Message) error {
	g.mails = append(g.mails, m)
	return nil
}

func named3(id, en, fr, ar string) party.Named {
	return party.Named{ID: id, Name: map[locale.Lang]string{"en": en, "fr": fr, "ar": ar}}
}

func words(en, fr, ar string) dialogue.Words {
	return dialogue.Words{"en": {Text: en, Status: "editors"}, "fr": {Text: fr, Status: "machine"}, "ar": {Text: ar, Status: "machine"}}
}

func newRig(t testing.TB, db *store.DB) *rig {
	t.Helper()
	g := &rig{t: t, db: db, now: time.Date(2026, 11, 25, 9, 30, 0, 0, time.UTC), speakers: map[string][]Speaker{}}
	zone, err := time.LoadLocation("Europe/Vienna")
	g.must(err)
	g.held = Held{ID: sampleID, Title: words("Exercise dialogue", "Dialogue d’exercice", "حوار تدريبي"), Body: "som", Zone: zone, Sample: true, Open: true, Date: "2026-11-24"}
	catalogues, err := locale.New(page.Catalogue, party.Catalogue, dialogue.Catalogue, fileproblem.Catalogue, Catalogue)
	g.must(err)
	const origin = "record.example.org/log"
	secret, err := ledger.GenerateKey(rand.Reader, origin)
	g.must(err)
	key, err := ledger.NewKey(secret)
	g.must(err)
	g.ledger, err = ledger.New(context.Background(), ledger.Options{
		DB: db, Key: key, Origin: origin, Clock: g.clock, Random: rand.Reader, CheckpointFile: filepath.Join(t.TempDir(), "checkpoint"),
	})
	g.must(err)
	g.room, err = New(Options{
		DB: db, Org: "sample", Clock: g.clock, Random: rand.Reader, Catalogues: catalogues, Ledger: g.ledger, Directory: g, Mail: g,
		Address: func() string { return "https://record.example.org" }, Operator: "the Sample Secretariat",
		Types: []party.Named{named3("ngo", "NGO", "ONG", "منظمة غير حكومية"), named3("academia", "Academia", "Monde universitaire", "أوساط أكاديمية"), named3("private", "Private sector", "Secteur privé", "القطاع الخاص")},
		Needs: []party.Named{named3("data_evidence", "Data and evidence", "Données et éléments probants", "البيانات والأدلة"), named3("technology", "Technology", "Technologie", "التكنولوجيا")},
		Dialogue: func(_ *store.Tx, id dialogue.ID) (Held, error) {
			if id != sampleID {
				return Held{}, page.NotFound()
			}
			return g.held, nil
		},
		Dialogues: func(*store.Tx) ([]Held, error) { return []Held{g.held}, nil },
		Sources:   func(*store.Tx, dialogue.ID) ([]Source, error) { return g.sources, nil },
		Speakers:  func(_ *store.Tx, source string) ([]Speaker, error) { return g.speakers[source], nil },
		Published: func(_ *store.Tx, points []PublishedPoint) error {
			g.published = append(g.published, points)
			return nil
		},
	})
	g.must(err)
	g.ledger.Register(Prefix, g.room.Resolve)
	g.site, err = page.New(page.Options{Catalogues: catalogues, Clock: g.clock, Changes: db.Changes})
	g.must(err)
	g.site.SetInstance(page.Instance{Operator: "the Sample Secretariat"})
	g.must(g.room.Seat(g.site))
	g.site.API("GET /api/v1/dialogues/{dialogue}/summary", g.room.ShowAPI)
	g.site.Page("GET /today", g.SignedIn(func(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
		return db.Read(r.Context(), func(tx *store.Tx) error {
			all, err := g.room.Today(tx, r, actor)
			for _, d := range all {
				fmt.Fprintln(w, d.Text, d.Path, d.Count)
			}
			return err
		})
	}))
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

// say enters an input in the record, as the room of interventions does it, and lists it as a source.
func (g *rig) say(id, category string, lang locale.Lang, who string, needs []string, paragraphs ...string) *Source {
	g.t.Helper()
	subject := "intervention/" + string(sampleID) + "/" + id
	body, err := json.Marshal(map[string]any{"dialogue": sampleID, "id": id, "sample": true, "lang": lang, "version": 1, "paragraphs": paragraphs})
	g.must(err)
	var entry ledger.ID
	g.must(g.db.Write(context.Background(), func(tx *store.Tx) (err error) {
		entry, err = g.ledger.Enter(tx, ledger.Entry{Org: "sample", Type: "intervention.text", Subject: subject, At: at(g.now), Text: body})
		return err
	}))
	g.sources = append(g.sources, Source{
		ID: subject, Path: "/dialogues/" + string(sampleID) + "/inputs/" + id, Who: who, Category: category, Needs: needs, Lang: lang,
		Texts: []Text{{Entry: entry, Version: "1", Lang: lang, Status: text.Official, Text: strings.Join(paragraphs, paragraphEnd)}},
	})
	return &g.sources[len(g.sources)-1]
}

// inputs are six inputs in four languages.
func (g *rig) inputs() {
	g.t.Helper()
	g.say("one", "ngo", "en", "Sample Shelter Network", []string{"data_evidence"},
		"We keep records of everyone who comes to our shelters. Nobody has ever asked us for them.",
		"Records that are kept by twelve organisations in twelve ways cannot be added up. A common form would let us add them up without naming anybody.")
	g.say("two", "academia", "es", "", []string{"data_evidence"},
		"Los programas contra el tráfico ilícito de migrantes casi nunca se evalúan. Sin una evaluación nadie sabe si un programa protege o hace daño.",
		"Pedimos que cada programa publique sus datos antes de la próxima reunión.")
	g.say("three", "private", "en", "", []string{"technology"},
		"Platforms see recruitment online before anybody else does. There is no channel by which we could say so.",
		"A single contact point in each State would be enough.")
	g.say("four", "ngo", "ar", "", []string{"technology"},
		"يجري التجنيد عبر الإنترنت قبل السفر بأسابيع. لا توجد قوانين تجرّم هذا الفعل في بلدان كثيرة.")
	g.say("five", "ngo", "fr", "Réseau d’exemple", []string{"data_evidence", "technology"},
		"Nous remercions la présidence et le secrétariat pour l’organisation de cette réunion.")
	g.say("six", "academia", "en", "", nil,
		"The shelters keep records. The shelters keep records in many ways, and nobody adds them up.")
}

func (g *rig) source(id string) *Source {
	for i := range g.sources {
		if strings.HasSuffix(g.sources[i].ID, "/"+id) {
			return &g.sources[i]
		}
	}
	g.t.Fatalf("there is no source %s", id)
	return nil
}

func (g *rig) read() *draft {
	g.t.Helper()
	d, err := g.room.open(context.Background(), sampleID)
	g.must(err)
	return d
}

// section finds the section of a need; the first for an empty one.
func (g *rig) section(need string) text.SectionID {
	g.t.Helper()
	for _, s := range g.read().Sections {
		if s.Topic == need {
			return s.ID
		}
	}
	g.t.Fatalf("there is no section for %q", need)
	return ""
}

// write sets the words of a block.
func (g *rig) write(b text.BlockID, change func(*text.Block)) {
	g.t.Helper()
	g.must(g.room.SaveBlock(g.t.Context(), chair, sampleID, b, g.read().Stamps[string(b)].Edit, change))
}

func english(s string) func(*text.Block) {
	return func(b *text.Block) { b.Text["en"] = text.Wording{Text: s, Status: text.Editors} }
}

// point makes a point that rests on a passage.
func (g *rig) point(need string, k Kind, says, source, exact string) text.BlockID {
	g.t.Helper()
	s := g.source(source)
	id, err := g.room.CiteAnew(g.t.Context(), chair, sampleID, g.section(need), k, s.ID, s.Texts[0].Entry, text.Selector{Exact: exact})
	g.must(err)
	g.write(id, english(says))
	return id
}

// composed is a summary that can be published: three points, a recommendation, two omissions.
type composed struct {
	chapeau, records, programmes, platforms, contact text.BlockID
}

func (g *rig) compose() composed {
	g.t.Helper()
	g.inputs()
	g.must(g.room.Begin(g.t.Context(), chair, sampleID, "en", []locale.Lang{"fr", "ar"}))
	var c composed
	var err error
	c.chapeau, err = g.room.AddBlock(g.t.Context(), chair, sampleID, g.section(""), "", Paragraph)
	g.must(err)
	g.write(c.chapeau, english("The dialogue took place on 24 November 2026.\n\nThis summary is the responsibility of the Chair."))
	c.records = g.point("data_evidence", MainPoint, "Organisations keep records that nobody has asked for and that cannot be added up.", "one", "Records that are kept by twelve organisations in twelve ways cannot be added up.")
	six := g.source("six")
	g.must(g.room.Cite(g.t.Context(), chair, sampleID, c.records, six.ID, six.Texts[0].Entry, text.Selector{Exact: "nobody adds them up"}))
	c.programmes = g.point("data_evidence", Point, "Programmes are hardly ever evaluated.", "two", "casi nunca se evalúan")
	c.platforms = g.point("technology", Point, "Recruitment online is seen first by platforms, which have nobody to tell.", "three", "There is no channel by which we could say so.")
	c.contact = g.point("technology", Recommendation, "States should name a contact point for platforms.", "three", "A single contact point in each State would be enough.")
	g.write(c.contact, func(b *text.Block) {
		b.Text["fr"] = text.Wording{Text: "Les États devraient désigner un point de contact pour les plateformes.", Status: text.Unofficial, Of: text.Fingerprint(b.Text["en"].Text)}
		b.Text["ar"] = text.Wording{Text: "ينبغي للدول أن تسمّي جهة اتصال للمنصات.", Status: text.Machine, Of: text.Fingerprint(b.Text["en"].Text)}
		b.Asks = &text.Asks{Actor: text.Words{"en": {Text: "States parties", Status: text.Editors}}, Measure: text.Words{"en": {Text: "A published list of contact points", Status: text.Editors}}, Date: "2027-10"}
	})
	g.must(g.room.Omit(g.t.Context(), chair, sampleID, g.source("five").ID, "procedural", ""))
	g.must(g.room.Omit(g.t.Context(), chair, sampleID, g.source("four").ID, "other", "The law-gap matrix takes it up."))
	return c
}

// publish publishes the draft as it stands.
func (g *rig) publish(note string) *Publication {
	g.t.Helper()
	p, err := g.room.Publish(g.t.Context(), chair, sampleID, g.read().Edit, note)
	g.must(err)
	return p
}

// settle has the record take in what waits.
func (g *rig) settle() {
	g.t.Helper()
	for {
		n, err := g.ledger.Integrate(context.Background())
		g.must(err)
		if n == 0 {
			break
		}
	}
	g.must(g.ledger.Publish(context.Background()))
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

// upload sends a file.
func (g *rig) upload(actor, path string, body []byte) answer {
	g.t.Helper()
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	f, err := w.CreateFormFile("file", "returned.docx")
	g.must(err)
	_, err = f.Write(body)
	g.must(err)
	g.must(w.Close())
	r := httptest.NewRequest("POST", path, &out)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return g.send(actor, r)
}

var isolates = strings.NewReplacer("\u2068", "", "\u2069", "", "&#39;", "'", "&#34;", `"`)

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
	if got := a.Header().Get("Location"); a.Code != http.StatusSeeOther || !strings.HasPrefix(got, path) {
		a.g.t.Fatalf("the answer is %d to %q, want 303 to %q; body:\n%s", a.Code, got, path, a.main())
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

func sourceQuery(id string) string {
	return "/en" + desk(sampleID) + "/source?id=" + url.QueryEscape(id)
}

// resolveInput answers for the inputs, as the room of interventions does.
func (g *rig) resolveInput(_ context.Context, subject string) (ledger.Citable, error) {
	for _, s := range g.sources {
		if s.ID == subject {
			return ledger.Citable{Title: s.ID, Address: s.Path, Text: s.Texts[0].Text, Version: s.Texts[0].Version}, nil
		}
	}
	return ledger.Citable{}, ledger.ErrNotFound
}
