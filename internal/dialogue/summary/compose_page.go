package summary

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
	"rostrum.example/internal/text"
)

// headView is what every page of the desk says on top.
type headView struct {
	Base, Title, Dialogue string
	Sample, Open          bool
	Tab                   string
	Done                  string
	Errors                page.FormErrors
	Replies               int // that wait for an answer
	Published             int
	PublicPath            string
	MayPublish            bool
}

// composeView is the composer: what was not used yet, the points, the coverage account.
type composeView struct {
	headView
	Begun    bool
	Begin    beginView
	Unused   []inputView
	For      string // the block that a quotation is looked for
	Matching int    // of the filter
	Due      int    // nobody accounts for
	More     string
	Filter   filterView
	Left     []inputView
	Sections []composedView
	Lang     string
	TitleOf  wordsView
	Removed  []removedView
	All      shareView
	Tables   []tableView
	Errored  []findingView
	Warned   int
	Blocks   int
	Add      []page.Choice
}

type beginView struct {
	Lang, Langs page.Field
}

type filterView struct {
	Need, Category, Lang page.Field
	Active               bool
}

// inputView is a source in a list.
type inputView struct {
	Path, Who, Language string
	Place, Words        int
	First               wordsView
	Reason              string
}

type composedView struct {
	ID, Path string
	Heading  wordsView
	Need     string
	Blocks   []composedBlock
	Findings []findingView
}

type composedBlock struct {
	ID, Path string
	Number   int
	Kind     Kind
	Words    wordsView
	Lines    []string
	Quotes   []quoteView
	Langs    []string // that are missing or behind
	Findings []findingView
	Asks     []string
}

// quoteView is a citation in a list.
type quoteView struct {
	ID              text.CitationID
	Path, Who, Lang string
	Quote           wordsView
	Wrong           []findingView
}

type removedView struct {
	ID    string
	Words wordsView
}

// findingView is something that a lint found, in words.
type findingView struct {
	Error bool
	Where string
	Text  string
	Near  *wordsView
	Path  string
}

// unusedShown is how many inputs the composer lists at once.
const unusedShown = 60

// mayOpen tells whether the actor may see the draft.
func (room *Room) mayOpen(actor party.Actor, held Held) error {
	return party.Allow(actor, party.EditSummary, held.scope())
}

// opened reads the draft of a page of the desk.
func (room *Room) opened(r *page.Request, actor party.Actor) (*draft, error) {
	d, err := room.open(r.Context(), dialogueOf(r))
	if err != nil {
		return nil, err
	}
	return d, room.mayOpen(actor, d.Held)
}

// begun is opened for pages that need a draft.
func (room *Room) begun(r *page.Request, actor party.Actor) (*draft, error) {
	d, err := room.opened(r, actor)
	if err == nil && !d.begun() {
		err = page.NotFound()
	}
	return d, err
}

var composeDone = []string{"begun", "saved", "added", "removed", "restored", "moved", "cited", "uncited", "omitted", "readmitted", "section"}

func (room *Room) head(r *page.Request, actor party.Actor, d *draft, tab string) (headView, error) {
	name, _ := d.Held.Title.In(r.Lang)
	h := headView{
		Base: desk(d.id()), Title: r.Text("summary.desk"), Dialogue: name.Text, Sample: d.Held.Sample, Open: d.Open, Tab: tab,
		Done: page.Done(r, composeDone, "summary.done."), Published: d.Published, MayPublish: party.May(actor, party.PublishSummary, d.scope()),
	}
	if d.Published > 0 {
		h.PublicPath = Path(d.id())
	}
	if !d.begun() {
		return h, nil
	}
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		h.Replies, err = room.waiting(tx, d.summary)
		return err
	})
	return h, err
}

func (room *Room) showCompose(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	return room.renderCompose(w, r, http.StatusOK, actor, url.Values{}, nil)
}

func (room *Room) takeBegin(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	var others []locale.Lang
	for _, l := range form["langs"] {
		others = append(others, locale.Lang(l))
	}
	if err := room.Begin(r.Context(), actor, dialogueOf(r), locale.Lang(form.Get("lang")), others); err != nil {
		errs, err := party.Explain(r, err)
		if err != nil {
			return err
		}
		return room.renderCompose(w, r, http.StatusUnprocessableEntity, actor, form, errs)
	}
	return r.Redirect(w, desk(dialogueOf(r))+"?done=begun")
}

func (room *Room) renderCompose(w http.ResponseWriter, r *page.Request, status int, actor party.Actor, form url.Values, errs page.FormErrors) error {
	d, err := room.opened(r, actor)
	if err != nil {
		return err
	}
	v := composeView{Begun: d.begun()}
	if v.headView, err = room.head(r, actor, d, "compose"); err != nil {
		return err
	}
	v.Errors = errs
	account := room.cover(d)
	v.All, v.Tables, v.Due = share("", account.All), room.tables(r, account.Categories, account.Languages, account.Topics), account.All.Unaccounted
	if !d.begun() {
		v.Begin = beginFields(r, form, errs)
		return room.pages.compose.RenderStatus(noStore{w}, r, status, v)
	}
	v.Lang = langName(d.Lang)
	v.TitleOf = wordsIn(r, d.Draft.Title, d.Lang, "")
	room.unused(r, d, &account, &v)
	room.composed(r, d, &v)
	if err := room.removed(r, d, &v); err != nil {
		return err
	}
	for _, k := range Kinds {
		v.Add = append(v.Add, page.Choice{Value: string(k), Text: r.Text("summary.kind." + string(k))})
	}
	return room.pages.compose.RenderStatus(noStore{w}, r, status, v)
}

func beginFields(r *page.Request, form url.Values, errs page.FormErrors) beginView {
	v := beginView{
		Lang:  page.Field{Name: "lang", Label: r.Text("summary.lang"), Hint: r.Text("summary.lang.hint"), Error: errs.Of("lang")},
		Langs: page.Field{Name: "langs", Label: r.Text("summary.langs"), Hint: r.Text("summary.langs.hint"), Optional: true},
	}
	for _, l := range Langs {
		v.Lang.Choices = append(v.Lang.Choices, page.Choice{Value: string(l), Text: langName(l)})
		v.Langs.Choices = append(v.Langs.Choices, page.Choice{Value: string(l), Text: langName(l)})
	}
	page.Choose(v.Lang.Choices, cmp.Or(form.Get("lang"), "en"))
	page.Choose(v.Langs.Choices, form["langs"]...)
	return v
}

// unused lists what the draft does not reflect: what nobody accounts for by a filter, and what is left out.
func (room *Room) unused(r *page.Request, d *draft, account *text.Coverage, v *composeView) {
	query := r.URL.Query()
	need, category, lang := query.Get("need"), query.Get("category"), query.Get("lang")
	v.For = query.Get("for")
	v.Filter = filterView{
		Need:     page.Field{Name: "need", Label: r.Text("summary.filter.need"), Choices: []page.Choice{{Text: r.Text("summary.filter.all")}}},
		Category: page.Field{Name: "category", Label: r.Text("summary.filter.category"), Choices: []page.Choice{{Text: r.Text("summary.filter.all")}}},
		Lang:     page.Field{Name: "lang", Label: r.Text("summary.filter.lang"), Choices: []page.Choice{{Text: r.Text("summary.filter.all")}}},
		Active:   need != "" || category != "" || lang != "",
	}
	for _, n := range room.o.Needs {
		v.Filter.Need.Choices = append(v.Filter.Need.Choices, page.Choice{Value: n.ID, Text: n.In(r.Lang)})
	}
	for _, s := range account.Categories {
		v.Filter.Category.Choices = append(v.Filter.Category.Choices, page.Choice{Value: s.Of, Text: named(room.o.Types, s.Of, r.Lang)})
	}
	for _, s := range account.Languages {
		v.Filter.Lang.Choices = append(v.Filter.Lang.Choices, page.Choice{Value: s.Of, Text: langName(locale.Lang(s.Of))})
	}
	page.Choose(v.Filter.Need.Choices, need)
	page.Choose(v.Filter.Category.Choices, category)
	page.Choose(v.Filter.Lang.Choices, lang)
	from, _ := strconv.Atoi(query.Get("from"))
	for i := range account.Sources {
		a := &account.Sources[i]
		s := d.source[a.ID]
		switch {
		case a.Fate == text.Reflected:
			continue
		case a.Fate == text.Omitted:
			one := room.inputView(r, d, s)
			one.Reason = a.Reason[d.Lang].Text
			one.First = wordsView{}
			v.Left = append(v.Left, one)
			continue
		case need != "" && !slices.Contains(s.Needs, need), category != "" && s.Category != category, lang != "" && string(s.Lang) != lang:
			continue
		}
		if v.Matching++; v.Matching > from && len(v.Unused) < unusedShown {
			one := room.inputView(r, d, s)
			one.Path = sourcePath(d, s.ID, text.BlockID(v.For))
			v.Unused = append(v.Unused, one)
		}
	}
	if next := from + unusedShown; from >= 0 && v.Matching > next {
		query.Set("from", strconv.Itoa(next))
		query.Del("done")
		v.More = desk(d.id()) + "?" + query.Encode() + "#inputs"
	}
}

// inputView names a source in a list, with its first words.
func (room *Room) inputView(r *page.Request, d *draft, s *Source) inputView {
	v := inputView{
		Path: sourcePath(d, s.ID, ""), Who: room.whoSays(r, Who{Name: s.Who, Type: s.Category, Region: s.Region}), Language: langName(s.Lang), Place: d.place[s.ID],
	}
	if t := s.In(); t != nil {
		v.Words, v.First = room.length(t), wordsView{Text: short(t.Text, 110), Lang: t.Lang, Dir: t.Lang.Dir()}
	}
	return v
}

func sourcePath(d *draft, id string, block text.BlockID) string {
	query := url.Values{"id": {id}}
	if block != "" {
		query.Set("block", string(block))
	}
	return desk(d.id()) + "/source?" + query.Encode()
}

// composed puts the draft into words, with what is wrong beside it.
func (room *Room) composed(r *page.Request, d *draft, v *composeView) {
	bySection, byBlock := map[text.SectionID][]text.Finding{}, map[text.BlockID][]text.Finding{}
	for _, f := range room.lint(d, d.doc()) {
		switch {
		case f.Severity == text.Error:
			one := room.findingView(r, d, f)
			v.Errored = append(v.Errored, one)
		default:
			v.Warned++
		}
		if f.Block != "" {
			byBlock[f.Block] = append(byBlock[f.Block], f)
		} else {
			bySection[f.Section] = append(bySection[f.Section], f)
		}
	}
	for i := range d.Sections {
		s := &d.Sections[i]
		sv := composedView{ID: string(s.ID), Path: desk(d.id()) + "/sections/" + string(s.ID), Heading: wordsIn(r, s.Heading, d.Lang, "")}
		if s.Topic != "" {
			sv.Need = room.needSays(r, s.Topic)
		}
		for _, f := range bySection[s.ID] {
			sv.Findings = append(sv.Findings, room.findingView(r, d, f))
		}
		for j := range s.Blocks {
			v.Blocks++
			sv.Blocks = append(sv.Blocks, room.composedBlock(r, d, &s.Blocks[j], v.Blocks, byBlock[s.Blocks[j].ID]))
		}
		v.Sections = append(v.Sections, sv)
	}
}

// changesRead bounds how far back removed paragraphs are looked for, removedShown how many are listed.
const (
	changesRead  = 400
	removedShown = 20
)

// removed lists the paragraphs that were removed last and can be restored.
func (room *Room) removed(r *page.Request, d *draft, v *composeView) error {
	var changes []text.Change
	err := room.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		changes, err = room.texts.History(tx, d.Doc, "", 0, changesRead)
		return err
	})
	seen := map[string]bool{}
	for _, c := range changes {
		if c.What == text.WasRemoved && c.Body.Kind != "" && !seen[c.Part] && len(v.Removed) < removedShown {
			w, lang := c.Body.Text.In(r.Lang, d.Lang)
			v.Removed = append(v.Removed, removedView{c.Part, wordsView{Text: short(w.Text, 160), Lang: lang, Dir: lang.Dir()}})
		}
		seen[c.Part] = true
	}
	return err
}

func (room *Room) composedBlock(r *page.Request, d *draft, b *text.Block, number int, found []text.Finding) composedBlock {
	own := b.Text[d.Lang]
	v := composedBlock{
		ID: string(b.ID), Path: desk(d.id()) + "/blocks/" + string(b.ID), Number: number, Kind: KindOf(b),
		Words: wordsView{Text: own.Text, Lang: d.Lang, Dir: d.Lang.Dir()}, Lines: strings.FieldsFunc(own.Text, func(c rune) bool { return c == '\n' }),
	}
	wrong := map[text.CitationID][]findingView{}
	for _, f := range found {
		switch {
		case f.Citation != "":
			wrong[f.Citation] = append(wrong[f.Citation], room.findingView(r, d, f))
		case f.Code == text.TranslationMissing || f.Code == text.TranslationBehind:
			v.Langs = append(v.Langs, r.Text("summary."+string(f.Code), "Lang", langName(f.Lang)))
		default:
			v.Findings = append(v.Findings, room.findingView(r, d, f))
		}
	}
	for _, q := range b.Citations {
		one := room.quoteView(r, d, q, 90)
		one.Wrong = wrong[q.ID]
		v.Quotes = append(v.Quotes, one)
	}
	if b.Asks != nil {
		for _, ask := range []string{b.Asks.Actor[d.Lang].Text, b.Asks.Measure[d.Lang].Text, b.Asks.Date} {
			if ask != "" {
				v.Asks = append(v.Asks, ask)
			}
		}
	}
	return v
}

// quoteView names a citation, its words cut to a length.
func (room *Room) quoteView(r *page.Request, d *draft, q text.Citation, max int) quoteView {
	v := quoteView{ID: q.ID, Lang: langName(q.Lang), Quote: wordsView{Text: short(q.Quote.Exact, max), Lang: q.Lang, Dir: q.Lang.Dir()}}
	if s := d.source[q.Source]; s != nil {
		v.Path, v.Who = sourcePath(d, q.Source, ""), room.whoSays(r, Who{Name: s.Who, Type: s.Category, Region: s.Region})
	} else if found := d.quotable[q.Entry]; found.Title != "" {
		v.Path, v.Who = found.Path, isolate(found.Title)
	} else {
		v.Who = q.Source
	}
	return v
}

// findingView puts a finding into words.
func (room *Room) findingView(r *page.Request, d *draft, f text.Finding) findingView {
	pairs := []any{"Lang", langName(f.Lang)}
	for name, value := range f.Values {
		pairs = append(pairs, name, value)
	}
	v := findingView{Error: f.Severity == text.Error, Text: r.Text("summary.lint."+string(f.Code), pairs...)}
	if f.Near != "" {
		v.Near = &wordsView{Text: f.Near, Lang: f.Lang, Dir: f.Lang.Dir()}
	}
	switch {
	case f.Block != "":
		v.Where = r.Text("summary.paragraph", "N", d.numbers()[f.Block])
		v.Path = fmt.Sprintf("%s/blocks/%s", desk(d.id()), f.Block)
	case f.Section != "":
		heading, _ := d.doc().Section(f.Section).Heading.In(r.Lang, d.Lang)
		v.Where = isolate(heading.Text)
		v.Path = fmt.Sprintf("%s/sections/%s", desk(d.id()), f.Section)
	case f.Source != "":
		v.Where = r.Text("summary.place", "N", d.place[f.Source])
		v.Path = sourcePath(d, f.Source, "")
	}
	return v
}
