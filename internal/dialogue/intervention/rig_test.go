package intervention

import (
	"bytes"
	"context"
	"crypto/rand"
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

	"rostrum.example/internal/blob"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

const (
	org               = store.Org("sample")
	sampleID          = dialogue.ID("exercise-2026")
	origin            = "record.example.org/log"
	coastMail         = party.Email("coast@example.org")
	witnessMail       = party.Email("secret.witness@example.org")
	deskBase, pubBase = "/en/desk/inputs/exercise-2026", "/en/dialogues/exercise-2026/inputs"
)

// rig is the room with its site. Whom a request comes from stands in the header X-Actor.
type rig struct {
	t        testing.TB
	db       *store.DB
	room     *Room
	site     *page.Site
	ledger   *ledger.Ledger
	files    *blob.Store
	mu       sync.Mutex
	now      time.Time
	mail     []party.Message
	speeches []Speech
	citing   []Citation
	forms    int
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

func (g *rig) Queue(tx *store.Tx, _ store.Org, m party.Message) error {
	tx.OnCommit(func() { g.mail = append(g.mail, m) })
	return nil
}

var linkIn = regexp.MustCompile(`http://localhost:8053(/\S+)`)

// link gives the link in the newest message to an address.
func (g *rig) link(to party.Email) string {
	g.t.Helper()
	for i := len(g.mail) - 1; i >= 0; i-- {
		if m := linkIn.FindStringSubmatch(g.mail[i].Text); g.mail[i].To == to && m != nil {
			return m[1]
		}
	}
	g.t.Fatalf("no message to %s has a link", string(to))
	return ""
}

func (g *rig) key(to party.Email) string {
	u, err := url.Parse(g.link(to))
	if err != nil {
		g.t.Fatal(err)
	}
	return u.Query().Get("key")
}

func (g *rig) token() string {
	g.forms++
	return fmt.Sprintf("form%022d", g.forms)
}

var officer = party.Actor{Person: "officerperson", Name: "Sample Officer", Roles: []party.Held{{Role: party.Officer, Scope: party.WholeInstance()}}, Fresh: true}

var actors = map[string]party.Actor{
	"officer": officer,
	"coast":   {Person: "coastperson", Name: "Sample Person"},
	"witness": {Person: "witnessperson", Name: "Secret Witness"},
	"focal":   {Person: "focalperson", Roles: []party.Held{{Role: party.FocalPoint, Scope: party.OfState("LY")}}, Fresh: true},
	"other":   {Person: "otherfocal", Roles: []party.Held{{Role: party.FocalPoint, Scope: party.OfState("TN")}}, Fresh: true},
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

func words(en, fr, ar string) dialogue.Words {
	return dialogue.Words{"en": {Text: en, Status: "editors"}, "fr": {Text: fr, Status: "machine"}, "ar": {Text: ar, Status: "machine"}}
}

var (
	coast   = Participant{Author: Author{Person: "coastperson", Organisation: "org-coast", Name: "Sample Coast Network", Type: "ngo", Region: "Africa", Email: coastMail}, Label: "Sample Coast Network", Lang: "en", Voice: Named}
	witness = Participant{Author: Author{Person: "witnessperson", Organisation: "org-secret", Name: "Secret Shelter", Type: "ngo", Region: "Africa", Email: witnessMail}, Label: "Secret Witness", Lang: "fr", Voice: Sealed}
	lab     = Participant{Author: Author{Organisation: "org-lab", Name: "Sample Migration Lab", Type: "academia", Region: "Europe", Email: "lab@example.org"}, Label: "Sample Migration Lab", Lang: "ar", Voice: Category}
)

func named2(id, en string) party.Named {
	return party.Named{ID: id, Name: map[locale.Lang]string{"en": en, "fr": en, "ar": en}}
}

func newRig(t testing.TB, db *store.DB) *rig {
	t.Helper()
	g := &rig{t: t, db: db, now: time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)}
	fail := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	catalogues, err := locale.New(page.Catalogue, party.Catalogue, dialogue.Catalogue, Catalogue)
	fail(err)
	secret, err := ledger.GenerateKey(rand.Reader, origin)
	fail(err)
	key, err := ledger.NewKey(secret)
	fail(err)
	g.ledger, err = ledger.New(context.Background(), ledger.Options{DB: db, Key: key, Origin: origin, Clock: g.clock, Random: rand.Reader, CheckpointFile: filepath.Join(t.TempDir(), "checkpoint")})
	fail(err)
	g.files, err = blob.Open(context.Background(), t.TempDir(), rand.Reader)
	fail(err)
	t.Cleanup(func() { g.files.Close() })
	people := []Participant{coast, witness, lab}
	g.room, err = New(Options{
		DB: db, Org: org, Clock: g.clock, Random: rand.Reader, Catalogues: catalogues, Ledger: g.ledger, Directory: g, Mail: g, Files: g.files,
		Address: func() string { return "http://localhost:8053" }, Operator: "the Sample Secretariat",
		Types: []party.Named{named2("ngo", "Non-governmental organisation"), named2("academia", "Academia")},
		Needs: []party.Named{named2("data_evidence", "Data and evidence"), named2("inclusion", "Inclusion")},
		Rule:  words("Speak of the matter without naming the country.", "Sans nommer le pays.", "دون تسمية البلد."),
		Dialogue: func(_ *store.Tx, id dialogue.ID) (Held, error) {
			if id != sampleID {
				return Held{}, page.NotFound()
			}
			return Held{ID: id, Title: words("Exercise dialogue", "Dialogue d’exercice", "حوار تدريبي"), Body: "som", Sample: true, Open: true}, nil
		},
		Items: func(*store.Tx, dialogue.ID) ([]Item, error) {
			return []Item{{"panels", words("Smuggling by sea", "Trafic par mer", "التهريب بحرًا")}}, nil
		},
		Participant: func(_ *store.Tx, r *page.Request, _ dialogue.ID) (Participant, bool, error) {
			for _, p := range people {
				if p.Person != "" && p.Person == actors[r.Header.Get("X-Actor")].Person {
					return p, true, nil
				}
			}
			return Participant{}, false, nil
		},
		Participants: func(*store.Tx, dialogue.ID) ([]Participant, error) { return people, nil },
		Speeches:     func(*store.Tx, dialogue.ID) ([]Speech, error) { return g.speeches, nil },
		Erases: func(*store.Tx, dialogue.ID) (time.Time, error) {
			return time.Date(2027, 12, 31, 0, 0, 0, 0, time.UTC), nil
		},
		Citations: func(*store.Tx, dialogue.ID, ID) ([]Citation, error) { return g.citing, nil },
		FocalPoints: func(_ *store.Tx, country string) ([]Recipient, error) {
			if country == "LY" {
				return []Recipient{{"focal@example.org", "ar"}}, nil
			}
			return nil, nil
		},
		Forget: func(tx *store.Tx, to party.Email) error {
			tx.OnCommit(func() {
				var rest []party.Message
				for _, m := range g.mail {
					if m.To != to {
						rest = append(rest, m)
					}
				}
				g.mail = rest
			})
			return nil
		},
	})
	fail(err)
	g.site, err = page.New(page.Options{Catalogues: catalogues, Clock: g.clock, Changes: db.Changes})
	fail(err)
	g.site.SetInstance(page.Instance{Operator: "the Sample Secretariat"})
	fail(g.room.Seat(g.site))
	g.ledger.Register(Prefix, g.room.Resolve)
	return g
}

func eachRig(t *testing.T, fn func(t *testing.T, g *rig)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { fn(t, newRig(t, db)) })
}

// publishAll gives the record's waiting entries their places.
func (g *rig) publishAll() {
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
}

func (g *rig) input(id ID) (in *Input, texts []Text) {
	g.t.Helper()
	err := g.db.Read(context.Background(), func(tx *store.Tx) (err error) {
		if in, err = g.room.Input(tx, id); err != nil {
			return err
		}
		texts, err = g.room.texts(tx, id)
		return err
	})
	if err != nil {
		g.t.Fatal(err)
	}
	return in, texts
}

// send sends a text as a participant.
func (g *rig) send(p Participant, voice Voice, text string) (*Input, *Authorship) {
	g.t.Helper()
	in, proof, err := g.room.Send(context.Background(), sampleID, p, Sending{Token: g.token(), Text: text, Lang: "en", Item: "panels", Needs: []string{"data_evidence"}, Choice: Choice{Voice: voice, Line: "Secret Witness of Secret Shelter", Handing: true}})
	if err != nil {
		g.t.Fatal(err)
	}
	return in, proof
}

// release checks and publishes a confirmed input.
func (g *rig) release(id ID) *Input {
	g.t.Helper()
	in, _ := g.input(id)
	if err := g.room.Check(context.Background(), officer, sampleID, id, in.Version); err != nil {
		g.t.Fatal(err)
	}
	if err := g.room.Publish(context.Background(), officer, sampleID, id, in.Version+1); err != nil {
		g.t.Fatal(err)
	}
	g.publishAll()
	in, _ = g.input(id)
	return in
}

type answer struct {
	*httptest.ResponseRecorder
	t testing.TB
}

func (g *rig) serve(actor string, r *http.Request) answer {
	r.Host = "localhost:8053"
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("X-Actor", actor)
	w := httptest.NewRecorder()
	g.site.ServeHTTP(w, r)
	return answer{w, g.t}
}

func (g *rig) get(actor, path string) answer {
	return g.serve(actor, httptest.NewRequest("GET", path, nil))
}

func (g *rig) post(actor, path string, pairs ...string) answer {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return g.serve(actor, r)
}

// upload posts a form with files: pairs are fields, files by field name.
func (g *rig) upload(actor, path, field string, files []Upload, pairs ...string) answer {
	g.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		w.WriteField(pairs[i], pairs[i+1])
	}
	for _, f := range files {
		part, err := w.CreateFormFile(field, f.Name)
		if err != nil {
			g.t.Fatal(err)
		}
		part.Write(f.Body)
	}
	w.Close()
	r := httptest.NewRequest("POST", path, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return g.serve(actor, r)
}

var isolates = strings.NewReplacer("\u2068", "", "\u2069", "")

func (a answer) wants(status int, texts ...string) answer {
	a.t.Helper()
	if a.Code != status {
		a.t.Fatalf("the status is %d, want %d; location %q; body:\n%s", a.Code, status, a.Header().Get("Location"), a.main())
	}
	said := isolates.Replace(a.Body.String())
	for _, text := range texts {
		if !strings.Contains(said, text) {
			a.t.Errorf("the page does not say %q:\n%s", text, a.main())
		}
	}
	return a
}

func (a answer) without(texts ...string) answer {
	a.t.Helper()
	for _, text := range texts {
		if strings.Contains(a.Body.String(), text) {
			a.t.Errorf("the page says %q:\n%s", text, a.main())
		}
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

func (a answer) hidden(name string) string {
	a.t.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(a.Body.String())
	if m == nil {
		a.t.Fatalf("the page has no field %q:\n%s", name, a.main())
	}
	return m[1]
}
