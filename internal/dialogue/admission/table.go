package admission

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/store"
)

// line is one application in the table, with what the table sorts and filters by.
type line struct {
	app       *application.Application
	adm       *application.Admission
	review    Review
	gaps      int
	objected  int
	persons   int
	first     bool // as far as this instance knows
	region    string
	subregion string
}

func (l *line) one(field string) string { return l.app.Answers.One(field) }

// complete tells whether a human said so, or nothing is missing.
func (l *line) complete() bool { return l.review.Complete || l.gaps == 0 }

// lines reads the applications to a dialogue that were submitted, as far as they are seen.
func (room *Room) lines(tx *store.Tx, d dialogue.ID, s sight) ([]*line, error) {
	apps, err := room.o.Applications.OfDialogue(tx, d)
	if err != nil {
		return nil, err
	}
	admissions, err := room.o.Applications.AdmissionsTo(tx, d)
	if err != nil {
		return nil, err
	}
	reviews, err := room.reviews(tx, d)
	if err != nil {
		return nil, err
	}
	objections, err := room.Objections(tx, d)
	if err != nil {
		return nil, err
	}
	before, err := room.bodiesElsewhere(tx, d)
	if err != nil {
		return nil, err
	}
	byID := make(map[application.ID]*application.Admission, len(admissions))
	for _, m := range admissions {
		byID[m.Application] = m
	}
	count := map[application.ID]int{}
	for _, o := range objections {
		count[o.Application]++
	}
	places := map[string][2]string{}
	var all []*line
	for _, a := range apps {
		m := byID[a.ID]
		if m == nil || m.State == application.Draft || !s.covers(a) {
			continue
		}
		review, ok := reviews[a.ID]
		if !ok {
			review = Review{Application: a.ID, Dialogue: d, Fit: Unmarked}
		}
		country := a.Answers.One(application.FieldCountry)
		place, ok := places[country]
		if !ok {
			place[0], place[1] = regionOf(country)
			places[country] = place
		}
		all = append(all, &line{
			app: a, adm: m, review: review, gaps: len(room.gaps(a)), objected: count[a.ID], persons: len(a.Answers[application.FieldPersons].Persons),
			first: !before[bodyKey(a.Name)], region: place[0], subregion: place[1],
		})
	}
	return all, nil
}

// filter says which applications a table shows, in which order and with which columns. It stands in the address, so a
// link to it can be passed on.
type filter struct {
	States, Types, Subtypes, Countries, Regions, Listings, Fits []string
	// Travel, Speaks, Objected, First and Complete are "yes", "no" or empty.
	Travel, Speaks, Objected, First, Complete string
	Words                                     string
	Sort                                      string // a column, with "-" before it for the other direction
	Columns                                   []string
}

const (
	subtypeField = "ngo_subtype"
	acronymField = "acronym"
)

// maxWords bounds what is searched for, in bytes.
const maxWords = 100

func readFilter(q url.Values) filter {
	f := filter{
		States: q["state"], Types: q["type"], Subtypes: q["subtype"], Countries: q["country"], Regions: q["region"], Listings: q["listing"], Fits: q["fit"],
		Travel: yesNo(q.Get("travel")), Speaks: yesNo(q.Get("speaks")), Objected: yesNo(q.Get("objected")), First: yesNo(q.Get("first")), Complete: yesNo(q.Get("complete")),
		Words: strings.TrimSpace(q.Get("q")), Sort: q.Get("sort"), Columns: q["col"],
	}
	if len(f.Words) > maxWords {
		f.Words = strings.ToValidUTF8(f.Words[:maxWords], "")
	}
	for _, list := range []*[]string{&f.States, &f.Types, &f.Subtypes, &f.Countries, &f.Regions, &f.Listings, &f.Fits} {
		*list = slices.DeleteFunc(slices.Clone(*list), func(s string) bool { return s == "" })
	}
	return f
}

func yesNo(s string) string {
	if s == "yes" || s == "no" {
		return s
	}
	return ""
}

// values is the filter as an address says it, in one order.
func (f filter) values() url.Values {
	q := url.Values{}
	for name, list := range map[string][]string{"state": f.States, "type": f.Types, "subtype": f.Subtypes, "country": f.Countries, "region": f.Regions, "listing": f.Listings, "fit": f.Fits, "col": f.Columns} {
		if len(list) > 0 {
			q[name] = list
		}
	}
	for name, s := range map[string]string{"travel": f.Travel, "speaks": f.Speaks, "objected": f.Objected, "first": f.First, "complete": f.Complete, "q": f.Words, "sort": f.Sort} {
		if s != "" {
			q.Set(name, s)
		}
	}
	return q
}

// narrow tells whether the filter leaves anything out.
func (f filter) narrow() bool {
	f.Sort, f.Columns = "", nil
	return len(f.values()) > 0
}

func (f filter) keeps(l *line, fold func(string) string) bool {
	in := func(list []string, s string) bool { return len(list) == 0 || slices.Contains(list, s) }
	is := func(want string, got bool) bool { return want == "" || (want == "yes") == got }
	subtypes := l.app.Answers.All(subtypeField)
	country := l.one(application.FieldCountry)
	return in(f.States, l.adm.State) && in(f.Types, l.one(application.FieldType)) && in(f.Countries, country) &&
		(len(f.Regions) == 0 || slices.Contains(f.Regions, l.region) || slices.Contains(f.Regions, l.subregion)) &&
		(len(f.Subtypes) == 0 || slices.ContainsFunc(subtypes, func(s string) bool { return slices.Contains(f.Subtypes, s) })) &&
		in(f.Listings, string(l.app.Listing)) && in(f.Fits, fitText(l.review.Fit)) &&
		is(f.Travel, l.one(application.FieldTravel) == "yes") && is(f.Speaks, l.one(application.FieldSpeaks) == "yes") &&
		is(f.Objected, l.objected > 0) && is(f.First, l.first) && is(f.Complete, l.complete()) &&
		(f.Words == "" || strings.Contains(fold(l.app.Name+" "+l.one(acronymField)), fold(f.Words)))
}

// fitText is a mark in an address; no mark is "none".
func fitText(fit int) string {
	if fit == Unmarked {
		return "none"
	}
	return strconv.Itoa(fit)
}

// choose filters and sorts.
func (f filter) choose(all []*line, t *tongue) []*line {
	var some []*line
	for _, l := range all {
		if f.keeps(l, foldName) {
			some = append(some, l)
		}
	}
	by, down := strings.CutPrefix(f.Sort, "-")
	key := func(l *line) string { return "" }
	if c, ok := t.column(by); ok && by != "" {
		key = func(l *line) string { return c.sorts(l) }
	}
	keys := make(map[*line]string, len(some))
	for _, l := range some {
		keys[l] = key(l)
	}
	slices.SortStableFunc(some, func(a, b *line) int {
		n := cmp.Compare(keys[a], keys[b])
		if down {
			n = -n
		}
		return cmp.Or(n, a.app.Submitted.Compare(b.app.Submitted), cmp.Compare(a.app.ID, b.app.ID))
	})
	return some
}

// column is one column of the table.
type column struct {
	ID    string
	Name  string
	Field bool // an answer of the form
	// least is who sees it.
	least sight
	// number: its values line up at the end.
	number bool
	value  func(*line) string
	order  func(*line) string
}

// sorts gives what a line is sorted by.
func (c column) sorts(l *line) string {
	if c.order != nil {
		return c.order(l)
	}
	return foldName(c.value(l))
}

// tongue words a table in one language, for one sight.
type tongue struct {
	room    *Room
	lang    locale.Lang
	columns []column
	words   map[string]string // of what stands in many lines
}

// usual are the columns of a table for which none were chosen.
var usual = []string{"type", "region", "fit", "complete", "objected", "state"}

// name is the column that every table begins with.
const nameColumn = "name"

func (room *Room) tongue(lang locale.Lang, s sight) *tongue {
	t := &tongue{room: room, lang: lang, words: map[string]string{}}
	word := func(key string) string { return t.once(key, func() string { return room.text(lang, key) }) }
	truth := func(b bool) string {
		if b {
			return word("admission.yes")
		}
		return word("admission.no")
	}
	add := func(id string, least sight, number bool, value, order func(*line) string) {
		t.columns = append(t.columns, column{ID: id, Name: word("admission.column." + id), least: least, number: number, value: value, order: order})
	}
	answer := func(field string) func(*line) string {
		f, _ := room.field(field)
		return func(l *line) string { return t.answer(f, l.app.Answers[field]) }
	}
	padded := func(n func(*line) int) func(*line) string {
		return func(l *line) string { return pad(n(l)) }
	}
	add(nameColumn, umbrellaSight, false, func(l *line) string { return t.title(l.app) }, nil)
	add("acronym", umbrellaSight, false, answer(acronymField), nil)
	add("type", umbrellaSight, false, answer(application.FieldType), nil)
	add("subtype", umbrellaSight, false, answer(subtypeField), nil)
	add("country", umbrellaSight, false, func(l *line) string { return t.country(l.one(application.FieldCountry)) }, nil)
	add("region", umbrellaSight, false, func(l *line) string {
		country, region := t.country(l.one(application.FieldCountry)), t.country(cmp.Or(l.subregion, l.region))
		return t.once("region "+country+region, func() string { return room.joined(lang, country, region) })
	}, nil)
	add("persons", bureauSight, true, func(l *line) string { return room.o.Catalogues.Number(lang, l.persons) }, padded(func(l *line) int { return l.persons }))
	add("fit", bureauSight, false, func(l *line) string { return word("admission.fit." + fitText(l.review.Fit)) }, padded(func(l *line) int { return l.review.Fit + 1 }))
	add("complete", bureauSight, false, func(l *line) string {
		switch {
		case l.review.Complete:
			return word("admission.complete.checked")
		case l.gaps > 0:
			return t.once("gaps"+strconv.Itoa(l.gaps), func() string { return room.o.Catalogues.Count(lang, "admission.complete.gaps", l.gaps) })
		}
		return word("admission.complete.unchecked")
	}, padded(func(l *line) int { return 2*l.gaps + 1 - number(l.review.Complete) }))
	add("objected", bureauSight, true, func(l *line) string {
		if l.objected == 0 {
			return "–"
		}
		return room.o.Catalogues.Number(lang, l.objected)
	}, padded(func(l *line) int { return l.objected }))
	add("state", umbrellaSight, false, func(l *line) string { return t.state(l.adm.State) }, padded(func(l *line) int { return room.rank(l.adm.State) }))
	add("since", umbrellaSight, false, func(l *line) string { return t.day(l.adm.Since) }, func(l *line) string { return stamp(l.adm.Since) })
	add("submitted", bureauSight, false, func(l *line) string { return t.day(l.app.Submitted) }, func(l *line) string { return stamp(l.app.Submitted) })
	add("listing", umbrellaSight, false, func(l *line) string { return word("admission.listing." + string(l.app.Listing)) }, nil)
	add("travel", bureauSight, false, func(l *line) string { return truth(l.one(application.FieldTravel) == "yes") }, nil)
	add("speaks", umbrellaSight, false, func(l *line) string { return truth(l.one(application.FieldSpeaks) == "yes") }, nil)
	add("topic", umbrellaSight, false, func(l *line) string { return l.one(application.FieldTopic) }, nil)
	add("first", bureauSight, false, func(l *line) string { return truth(l.first) }, nil)
	add("email", fullSight, false, func(l *line) string { return string(l.app.Email) }, nil)
	for _, f := range room.o.Mechanism.Form.Fields {
		least := fieldSight(f)
		if f.Sealed || f.Kind == mechanism.FieldPersons || slices.ContainsFunc(t.columns, func(c column) bool { return formColumns[c.ID] == f.ID }) {
			continue
		}
		t.columns = append(t.columns, column{ID: "f." + f.ID, Name: in(f.Label, lang), Field: true, least: least, value: func(l *line) string { return t.answer(f, l.app.Answers[f.ID]) }})
	}
	t.columns = slices.DeleteFunc(t.columns, func(c column) bool { return s < c.least })
	return t
}

// formColumns says which answers have a column of their own.
var formColumns = map[string]string{
	nameColumn: application.FieldName, "acronym": acronymField, "type": application.FieldType, "subtype": subtypeField, "country": application.FieldCountry,
	"listing": application.FieldListing, "travel": application.FieldTravel, "speaks": application.FieldSpeaks, "topic": application.FieldTopic, "email": application.FieldEmail,
}

// fieldSight says who sees an answer: what the form promises to show to participants, everybody at the table sees. The
// bureau decides by expertise and evidence, so it sees the answers of the organisation; addresses are the secretariat's.
func fieldSight(f mechanism.Field) sight {
	switch {
	case f.Sealed, f.Kind == mechanism.FieldEmail, f.Kind == mechanism.FieldPersons:
		return fullSight
	case f.ID == application.FieldSpeaks, f.ID == application.FieldTopic:
		return umbrellaSight // the stakeholders' own body orders the speakers
	case f.SeenBy == mechanism.SeenBySecretariat:
		return bureauSight
	}
	return umbrellaSight
}

func (t *tongue) column(id string) (column, bool) {
	i := slices.IndexFunc(t.columns, func(c column) bool { return c.ID == id })
	if i < 0 {
		return column{}, false
	}
	return t.columns[i], true
}

// chosen gives the columns that a filter asks for, the name first.
func (t *tongue) chosen(f filter) []column {
	ids := f.Columns
	if len(ids) == 0 {
		ids = usual
	}
	name, _ := t.column(nameColumn)
	all := []column{name}
	for _, c := range t.columns {
		if c.ID != nameColumn && slices.Contains(ids, c.ID) {
			all = append(all, c)
		}
	}
	return all
}

// once words something that stands in many lines.
func (t *tongue) once(key string, say func() string) string {
	if s, ok := t.words[key]; ok {
		return s
	}
	s := say()
	t.words[key] = s
	return s
}

func (t *tongue) country(code string) string {
	if code == "" {
		return ""
	}
	return t.once("country "+code, func() string { return t.room.o.Catalogues.Country(t.lang, code) })
}

func (t *tongue) state(id string) string {
	return t.once("state "+id, func() string { return stateName(t.room, t.lang, id) })
}

func stateName(room *Room, lang locale.Lang, id string) string {
	return cmp.Or(said(room.state(id).Name, lang), id)
}

// title is what an organisation is called; one whose data were erased has no name any more.
func (t *tongue) title(a *application.Application) string {
	if a.Name != "" {
		return a.Name
	}
	return t.once("admission.erased", func() string { return t.room.text(t.lang, "admission.erased") })
}

// rank is the place of a state in the mechanism's order.
func (room *Room) rank(state string) int {
	return slices.IndexFunc(room.o.States, func(s application.State) bool { return s.ID == state }) + 1
}

// pad writes a number so that texts sort as numbers do.
func pad(n int) string {
	s := strconv.Itoa(n)
	return strings.Repeat("0", max(0, 9-len(s))) + s
}

// joined puts words beside each other with the comma of the language; empty ones are left out.
func (room *Room) joined(lang locale.Lang, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), room.text(lang, "locale.comma"))
}
