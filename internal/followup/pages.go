package followup

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

//go:embed templates/*.html
var templates embed.FS

type pages struct {
	dialogue   *page.Page[dialogueView]
	point      *page.Page[pointView]
	states     *page.Page[statesView]
	desk       *page.Page[deskView]
	answer     *page.Page[answerView]
	placed     *page.Page[placedView]
	origins    *page.Page[originsView]
	deliveries *page.Page[deliveriesView]
	view       *page.Page[viewForm]
	link       *page.Page[linkForm]
	bulletin   *page.Page[bulletinView]
}

// maxForm bounds what a form may weigh, in bytes: three languages of four texts and more.
const maxForm = 512 << 10

// Seat adds the room's pages to the site, and has the record resolve its subjects.
func (room *Room) Seat(s *page.Site) error {
	var err error
	p := &room.pages
	page.ParseInto(s, &p.dialogue, &err, templates, "dialogue", "parts")
	page.ParseInto(s, &p.point, &err, templates, "point", "parts")
	page.ParseInto(s, &p.states, &err, templates, "states", "parts")
	page.ParseInto(s, &p.desk, &err, templates, "desk", "parts")
	page.ParseInto(s, &p.answer, &err, templates, "answer", "parts")
	page.ParseInto(s, &p.placed, &err, templates, "placed", "parts")
	page.ParseInto(s, &p.origins, &err, templates, "origins", "parts")
	page.ParseInto(s, &p.deliveries, &err, templates, "deliveries", "parts")
	page.ParseInto(s, &p.view, &err, templates, "view", "parts")
	page.ParseInto(s, &p.link, &err, templates, "link", "parts")
	page.ParseInto(s, &p.bulletin, &err, templates, "bulletin", "parts")
	if err != nil {
		return fmt.Errorf("seating the follow-up: %w", err)
	}
	s.Public("GET /dialogues/{dialogue}/follow-up", room.showDialogue)
	s.Public("GET /points/{point...}", room.showPoint)
	s.API("GET /api/v1/dialogues/{dialogue}/follow-up", room.api)

	signed := room.o.Directory.SignedIn
	s.Page("GET /desk/points", signed(room.showStates))
	s.Page("GET /desk/points/{state}", signed(room.showDesk))
	s.Page("POST /desk/points/{state}", signed(room.takeReceipts))
	s.Page("GET /desk/points/{state}/{point...}", signed(room.showAnswer))
	s.Page("POST /desk/points/{state}/{point...}", signed(room.takeAnswer))
	s.Page("GET /desk/sheets/{state}", signed(room.giveSheet))
	s.Page("POST /desk/sheets/{state}", signed(room.takeSheet))
	s.Page("GET /desk/deliveries", signed(room.showOrigins))
	s.Page("GET /desk/deliveries/{dialogue}", signed(room.showDeliveries))
	s.Page("POST /desk/deliveries/{dialogue}", signed(room.takeDeliveries))
	s.Page("GET /desk/deliveries/{dialogue}/table", signed(room.giveTable))
	s.Page("POST /desk/deliveries/{dialogue}/table", signed(room.takeTable))
	s.Page("GET /desk/views/{point...}", signed(room.showView))
	s.Page("POST /desk/views/{point...}", signed(room.takeView))
	s.Page("GET /desk/links/{point...}", signed(room.showLink))
	s.Page("POST /desk/links/{point...}", signed(room.takeLink))
	s.Page("GET /desk/bulletin", signed(room.showBulletin))
	room.o.Ledger.Register("followup", room.Resolve)
	return nil
}

// Resolve answers for the subjects of the record that are points of the follow-up.
func (room *Room) Resolve(ctx context.Context, subject string) (ledger.Citable, error) {
	id, ok := strings.CutPrefix(subject, "followup/")
	if !ok {
		return ledger.Citable{}, ledger.ErrNotFound
	}
	var p *Point
	var acts []Act
	err := room.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if p, err = room.Point(tx, PointID(id)); err == nil {
			acts, err = room.Acts(tx, p.ID)
		}
		return err
	})
	if err == ErrNotFound {
		return ledger.Citable{}, ledger.ErrNotFound
	}
	if err != nil {
		return ledger.Citable{}, err
	}
	w, _ := p.Text.In(locale.Of(ctx))
	return ledger.Citable{Title: clip(w.Text, 120), Address: pointPath(p.ID), Text: w.Text, Version: fmt.Sprint(len(acts))}, nil
}

func pointPath(id PointID) string { return "/points/" + string(id) }

func answerPath(state string, id PointID) string { return "/desk/points/" + state + "/" + string(id) }

func followUpPath(dialogue string) string { return "/dialogues/" + dialogue + "/follow-up" }

// notFound turns the room's word into the shell's.
func notFound(err error) error {
	if errors.Is(err, ErrNotFound) || errors.Is(err, party.ErrNotFound) {
		return page.NotFound()
	}
	return err
}

// text is a text on a page, in its own language.
type text struct {
	Lang, Dir  string
	Paragraphs []string
	Machine    bool
}

// say gives words to a reader; nil where there are none.
func say(r *page.Request, w Words) *text {
	one, lang := w.In(r.Lang)
	if one.Text == "" {
		return nil
	}
	return &text{string(lang), lang.Dir(), paragraphs(one.Text), one.Status == string(locale.Machine)}
}

// plain is the same on one line, with the direction that its letters have.
func plain(w Words, l locale.Lang) string {
	one, _ := w.In(l)
	return strings.Join(strings.Fields(one.Text), " ")
}

// shown is a point's text on one line, for a table, a message or a sheet. A sample says so wherever it stands.
func (room *Room) shown(p *Point, l locale.Lang, max int) string {
	s := clip(plain(p.Text, l), max)
	if p.Sample && s != "" {
		return room.o.Catalogues.Text(l, "followup.sample") + ": " + s
	}
	return s
}

func paragraphs(s string) []string {
	var all []string
	for p := range strings.SplitSeq(s, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			all = append(all, p)
		}
	}
	return all
}

// clip cuts a text to a number of characters.
func clip(s string, max int) string {
	if r := []rune(s); len(r) > max {
		return strings.TrimSpace(string(r[:max-1])) + "…"
	}
	return s
}

// dialogueTitle names a dialogue; one that is gone stands for itself.
func (room *Room) dialogueTitle(tx *store.Tx, id string, l locale.Lang) (string, error) {
	title, ok, err := room.o.Dialogue(tx, id)
	if err != nil || !ok {
		return id, err
	}
	return plain(title, l), nil
}

// byName sorts codes of States by their names, as the reader's language orders them.
func (room *Room) byName(l locale.Lang, codes []string) []string {
	order := collate.New(language.Make(string(l)))
	sorted := slices.Clone(codes)
	slices.SortFunc(sorted, func(a, b string) int {
		if n := order.CompareString(room.StateName(l, a), room.StateName(l, b)); n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	return sorted
}

func (room *Room) stateNames(l locale.Lang, codes []string) []string {
	var names []string
	for _, c := range room.byName(l, codes) {
		names = append(names, room.StateName(l, c))
	}
	return names
}

// fewStates is how many States a sentence names; the others stand in a list beside it.
const fewStates = 6

// lineView is one thing that can be said of a point.
type lineView struct {
	Text string
	More []string // the States, where they are too many for the sentence
	Says Says
}

func (room *Room) lines(r *page.Request, lines []Line) []lineView {
	var all []lineView
	for _, l := range lines {
		all = append(all, room.line(r.Lang, l))
	}
	return all
}

// line says a line in a language.
func (room *Room) line(lang locale.Lang, l Line) lineView {
	c := room.o.Catalogues
	names := room.stateNames(lang, l.States)
	v := lineView{Says: l.Says}
	states := c.List(lang, names)
	if len(names) > fewStates {
		v.More, states = names, c.Count(lang, "followup.states", len(names))
	}
	date := func(d locale.Date) string {
		if d == (locale.Date{}) {
			return ""
		}
		return c.Date(lang, d)
	}
	pairs := []any{"States", states, "On", date(l.On), "Until", date(l.Until)}
	key := "followup.says." + string(l.Says)
	if l.Count > 0 {
		v.Text = c.Count(lang, key, l.Count, pairs...)
	} else {
		v.Text = c.Text(lang, key, pairs...)
	}
	return v
}

// places looks up where entries stand.
func (room *Room) places(r *page.Request, ids ...ledger.ID) (map[ledger.ID]int64, error) {
	return room.o.Ledger.Indexes(r.Context(), slices.DeleteFunc(ids, func(id ledger.ID) bool { return id == "" }))
}

// wordFields are a field for each language, the reader's first and the others after it.
func wordFields(r *page.Request, typed url.Values, errs page.FormErrors, name, key string, rows, max int) (mine page.Field, others []page.Field) {
	for _, lang := range locale.Langs {
		at := name + "-" + string(lang)
		f := page.Field{Name: at, Label: r.Text(key, "Lang", lang.Name()), Type: "text", Rows: rows, Max: max, Value: typed.Get(at), Error: errs.Of(at)}
		if lang == r.Lang {
			f.Hint = r.Text(key + ".hint")
			mine = f
		} else {
			f.Optional = true
			others = append(others, f)
		}
	}
	// What is missing in every language is said beside the field that everybody sees.
	if at := name + "-" + string(locale.English); mine.Error == "" && r.Lang != locale.English && errs.Of(at) != "" && typed.Get(at) == "" {
		mine.Error = errs.Of(at)
	}
	return mine, others
}

func typedWords(typed url.Values, name string) map[locale.Lang]string {
	words := map[locale.Lang]string{}
	for _, lang := range locale.Langs {
		words[lang] = typed.Get(name + "-" + string(lang))
	}
	return words
}

func typeWords(typed url.Values, name string, words Words) {
	for lang, one := range words {
		typed.Set(name+"-"+string(lang), one.Text)
	}
}

// explain turns what went wrong with a form into lines for its page, or gives back what is not about the form.
func explain(r *page.Request, err error) (page.FormErrors, error) {
	return party.Explain(r, notFound(err))
}

// choices are options whose words stand in the catalogues.
func choices[T ~string](r *page.Request, prefix string, all []T, chosen string) []page.Choice {
	var cs []page.Choice
	for _, one := range all {
		cs = append(cs, page.Choice{Value: string(one), Text: r.Text(prefix + string(one))})
	}
	return page.Choose(cs, chosen)
}

// upload reads the file of a form.
func upload(w http.ResponseWriter, r *page.Request, limit int64) (name string, data []byte, err error) {
	r.Body = http.MaxBytesReader(w, r.Body, limit+maxForm)
	if err := r.ParseMultipartForm(limit + maxForm); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return "", nil, invalid("file", "followup.file.large", "Limit", limit>>20)
		}
		return "", nil, page.Unreadable(err)
	}
	f, h, err := r.FormFile("file")
	if err != nil || h.Size == 0 {
		return "", nil, invalid("file", "followup.file.none")
	}
	defer f.Close()
	if h.Size > limit {
		return "", nil, invalid("file", "followup.file.large", "Limit", limit>>20)
	}
	data = make([]byte, h.Size)
	if _, err := f.ReadAt(data, 0); err != nil {
		return "", nil, page.Unreadable(err)
	}
	return h.Filename, data, nil
}
