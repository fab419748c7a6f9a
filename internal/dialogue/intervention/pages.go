package intervention

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

type pages struct {
	list       *page.Page[listView]
	input      *page.Page[inputView]
	form       *page.Page[formView]
	confirm    *page.Page[confirmView]
	said       *page.Page[saidView]
	sealed     *page.Page[sealedView]
	prove      *page.Page[proveView]
	queue      *page.Page[queueView]
	desk       *page.Page[deskView]
	upload     *page.Page[uploadView]
	transcript *page.Page[transcriptView]
	national   *page.Page[nationalView]
}

// maxForm bounds what a form without files may weigh, in bytes: the longest text in four-byte letters, as a form writes
// them, and more.
const maxForm = 1 << 20

// Seat adds the room's pages and interfaces to the site.
func (room *Room) Seat(s *page.Site) error {
	var err error
	p := &room.pages
	page.ParseInto(s, &p.list, &err, files, "list", "parts")
	page.ParseInto(s, &p.input, &err, files, "input", "parts")
	page.ParseInto(s, &p.form, &err, files, "form", "parts")
	page.ParseInto(s, &p.confirm, &err, files, "confirm", "parts")
	page.ParseInto(s, &p.said, &err, files, "said", "parts")
	page.ParseInto(s, &p.sealed, &err, files, "sealed", "parts")
	page.ParseInto(s, &p.prove, &err, files, "prove", "parts")
	page.ParseInto(s, &p.queue, &err, files, "queue", "parts")
	page.ParseInto(s, &p.desk, &err, files, "desk", "parts")
	page.ParseInto(s, &p.upload, &err, files, "upload", "parts")
	page.ParseInto(s, &p.transcript, &err, files, "transcript", "parts")
	page.ParseInto(s, &p.national, &err, files, "national", "parts")
	if err != nil {
		return fmt.Errorf("seating the interventions: %w", err)
	}
	s.Public("GET /dialogues/{dialogue}/inputs", room.showList)
	s.Public("GET /dialogues/{dialogue}/inputs/{input}", room.showInput)
	s.Page("GET /dialogues/{dialogue}/inputs/{input}/files/{file}", room.giveFile)
	s.Page("GET /dialogues/{dialogue}/inputs/new", room.showForm)
	s.Page("POST /dialogues/{dialogue}/inputs/new", room.takeForm)
	s.Page("POST /dialogues/{dialogue}/inputs/{input}/withdraw", room.takeBack)
	s.Page("GET /inputs/confirm", room.showConfirm)
	s.Page("POST /inputs/confirm", room.takeConfirm)
	s.Public("GET /inputs/prove", room.showProve)
	s.Page("POST /inputs/prove", room.takeProve)
	s.Page("POST /inputs/authorship", room.giveAuthorship)

	signed := room.o.Directory.SignedIn
	s.Page("GET /desk/inputs/{dialogue}", signed(room.showQueue))
	s.Page("GET /desk/inputs/{dialogue}/upload", signed(room.showUpload))
	s.Page("POST /desk/inputs/{dialogue}/upload", signed(room.takeUpload))
	s.Page("GET /desk/inputs/{dialogue}/transcript", signed(room.showTranscript))
	s.Page("POST /desk/inputs/{dialogue}/transcript", signed(room.takeTranscript))
	s.Page("GET /desk/inputs/{dialogue}/{input}", signed(room.showDesk))
	s.Page("POST /desk/inputs/{dialogue}/{input}", signed(room.takeDesk))
	s.Page("GET /national/{country}", signed(room.showNational))
	s.Page("POST /national/{country}", signed(room.takeNational))

	s.API("GET /api/v1/dialogues/{dialogue}/inputs", room.apiList)
	s.API("GET /api/v1/dialogues/{dialogue}/inputs/{input}", room.apiOne)
	return nil
}

func dialogueOf(r *page.Request) dialogue.ID { return dialogue.ID(r.PathValue("dialogue")) }

func inputsPath(id dialogue.ID) string { return "/dialogues/" + string(id) + "/inputs" }

func deskPath(id dialogue.ID) string { return "/desk/inputs/" + string(id) }

// notFound makes a page of a missing input.
func notFound(err error) error {
	if errors.Is(err, ErrNotFound) {
		return page.NotFound()
	}
	return err
}

// private keeps what a reader alone may see out of every cache, also where a page sets a header of its own.
func private(w http.ResponseWriter) http.ResponseWriter {
	w.Header().Set("Cache-Control", "no-store")
	return noStore{w}
}

type noStore struct{ http.ResponseWriter }

func (w noStore) WriteHeader(status int) {
	w.Header().Set("Cache-Control", "no-store")
	w.ResponseWriter.WriteHeader(status)
}

// head is what every page of a dialogue begins with.
type head struct {
	Sample       bool
	Title, Back  string // the dialogue and its page
	Inputs, Desk string
}

func (room *Room) head(r *page.Request, h Held) head {
	return head{h.Sample, say(h.Title, r.Lang), "/dialogues/" + string(h.ID), inputsPath(h.ID), deskPath(h.ID)}
}

func say(w dialogue.Words, lang locale.Lang) string {
	one, _ := w.In(lang)
	return one.Text
}

func named(all []party.Named, id string, lang locale.Lang) string {
	if i := slices.IndexFunc(all, func(n party.Named) bool { return n.ID == id }); i >= 0 {
		return all[i].In(lang)
	}
	return id
}

func (room *Room) typeName(lang locale.Lang, id string) string {
	if id == "" {
		return room.o.Catalogues.Text(lang, "intervention.type.none")
	}
	return named(room.o.Types, id, lang)
}

func itemName(items []Item, id string, lang locale.Lang) string {
	if i := slices.IndexFunc(items, func(it Item) bool { return it.ID == id }); i >= 0 {
		return say(items[i].Title, lang)
	}
	return id
}

// langName names a language in another.
func langName(in locale.Lang, tag string) string {
	t, err := language.Parse(tag)
	if err != nil || tag == "und" {
		return tag
	}
	return cmp.Or(display.Tags(language.MustParse(string(in))).Name(t), tag)
}

// rightToLeft are the scripts that read from the right.
var rightToLeft = []string{"Arab", "Hebr", "Thaa", "Syrc", "Nkoo"}

func direction(tag string) string {
	t, err := language.Parse(tag)
	if err != nil {
		return "auto"
	}
	script, _ := t.Script()
	if slices.Contains(rightToLeft, script.String()) {
		return "rtl"
	}
	return "ltr"
}

// whoSays says who an author is to the public, and, where they are not named, why.
func (room *Room) whoSays(r *page.Request, w Who) (who, why string) {
	who = room.typeName(r.Lang, w.Type)
	if w.Region != "" {
		who += " · " + w.Region
	}
	if w.Voice == Named && w.Organisation != "" {
		return w.Organisation, who
	}
	return who, r.Text("intervention.why." + string(w.Voice))
}

// choices of a form.
func (room *Room) voiceField(r *page.Request, chosen Voice, errs page.FormErrors) page.Field {
	f := page.Field{Name: "voice", Label: r.Text("intervention.voice"), Error: errs.Of("voice")}
	for _, v := range Voices {
		f.Choices = append(f.Choices, page.Choice{Value: string(v), Text: r.Text("intervention.voice." + string(v)), Hint: r.Text("intervention.voice." + string(v) + ".hint")})
	}
	page.Choose(f.Choices, string(chosen))
	return f
}

func (room *Room) itemField(r *page.Request, items []Item, chosen string) page.Field {
	f := page.Field{Name: "item", Label: r.Text("intervention.item"), Optional: true, Choices: []page.Choice{{Value: "", Text: r.Text("intervention.item.none")}}}
	for _, it := range items {
		f.Choices = append(f.Choices, page.Choice{Value: it.ID, Text: say(it.Title, r.Lang)})
	}
	page.Choose(f.Choices, chosen)
	return f
}

func (room *Room) needsField(r *page.Request, chosen []string) page.Field {
	f := page.Field{Name: "needs", Label: r.Text("intervention.needs"), Optional: true}
	for _, n := range room.o.Needs {
		f.Choices = append(f.Choices, page.Choice{Value: n.ID, Text: n.In(r.Lang)})
	}
	page.Choose(f.Choices, chosen...)
	return f
}

// offered are the languages that a form offers first; others are typed as a tag.
var offered = []string{"ar", "en", "es", "fr", "ru", "zh"}

func langField(r *page.Request, name, chosen string, errs page.FormErrors) page.Field {
	f := page.Field{Name: name, Label: r.Text("intervention.lang"), Error: errs.Of(name), Value: chosen}
	all := offered
	if chosen != "" && !slices.Contains(all, chosen) {
		all = append(slices.Clone(all), chosen)
	}
	for _, l := range append(slices.Clone(all), moreLangs...) {
		if !slices.ContainsFunc(f.Choices, func(c page.Choice) bool { return c.Value == l }) {
			f.Choices = append(f.Choices, page.Choice{Value: l, Text: langName(r.Lang, l)})
		}
	}
	page.Choose(f.Choices, chosen)
	return f
}

// moreLangs are other languages of people on the routes and of those who work with them.
var moreLangs = []string{"am", "bn", "de", "fa", "ha", "it", "ku", "pt", "ps", "so", "sw", "ti", "tr", "uk", "ur", "vi"}

func typed(text []string) string { return strings.Join(text, "\n\n") }

func (room *Room) token() (string, error) { return store.NewID(room.o.Random) }

// proofView is where a text stands in the record.
type proofView struct {
	page.Entered
	ID ledger.ID
}

func proof(places map[ledger.ID]int64, id ledger.ID) proofView {
	return proofView{page.EnteredAt(places, id), id}
}
