package dialogue

import (
	"fmt"
	"io"

	"rostrum.example/format/internal/place"
	"rostrum.example/format/mechanism"
)

// Read reads the file of one dialogue of the mechanism m. Where the file is
// wrong, the error is Problems and lists all that is wrong; another error is
// one of in. What concerns several files is left to Check.
func Read(in io.Reader, m *mechanism.Mechanism) (*File, error) {
	p, err := place.Open(in)
	if err != nil {
		return nil, fmt.Errorf("reading dialogue: %w", err)
	}
	r := &reader{Reader: p, preset: m, items: place.IDs{}}
	f := r.file(p.Root())
	if err := p.Err(); err != nil {
		return nil, err
	}
	f.Path, f.doc = p.File, p.Doc
	return f, nil
}

// reader reads one file. All ids of items share one name space, since a link
// names an item without saying what it is.
type reader struct {
	*place.Reader
	preset *mechanism.Mechanism
	items  place.IDs
	id     string
	date   Date
}

func (r *reader) file(root *place.Node) *File {
	o := r.Object(root)
	if !r.Format(o, Format) {
		return nil
	}
	defer o.Close()
	f := &File{
		Format:    Format,
		ID:        r.ID(o.Must("id"), nil),
		Mechanism: r.mechanism(o.Must("mechanism")),
		Languages: r.ReadLanguages(o.Must("languages")),
		Sources:   r.ReadSources(r.Some(o.Must("sources"))),
	}
	quotable := o.Must("quotable")
	if r.Bool(quotable) {
		r.Report(quotable, place.NotQuotable)
	}
	f.Title = r.Text(o.Must("title"))
	f.WorkingGroups = r.workingGroups(o.Must("working_groups"))
	f.Number = r.number(o.Must("number"))
	f.Date = r.Date(o.Must("date"))
	r.id, r.date = f.ID, f.Date

	f.Follows = place.List(r.Reader, o.May("follows"), r.session)
	f.Chairs = r.chairs(o.May("chairs"))
	f.Needs = place.List(r.Reader, o.May("needs"), r.need)
	f.Counts = r.counts(o.May("counts"))
	f.Points = place.List(r.Reader, o.May("points"), r.point)
	f.Recommendations = place.List(r.Reader, o.May("recommendations"), r.recommendation)
	f.Statements = place.List(r.Reader, o.May("statements"), r.statement)
	f.Topics = place.List(r.Reader, o.May("topics"), r.item)
	f.Questions = place.List(r.Reader, o.May("guiding_questions"), r.item)
	f.TourDeTable = place.List(r.Reader, o.May("tour_de_table"), r.item)
	f.Notes = place.List(r.Reader, o.May("notes"), r.item)
	f.Links = r.links(o.May("links"), f)
	return f
}

func (r *reader) mechanism(n *place.Node) string {
	id := r.ID(n, nil)
	if id != "" && id != r.preset.ID {
		r.Report(n, place.OtherMechanism, "expected", r.preset.ID)
	}
	return id
}

func (r *reader) workingGroup(n *place.Node) string {
	return r.Ref(n, "working_group", ids(r.preset.WorkingGroups, func(g mechanism.WorkingGroup) string { return g.ID }))
}

func (r *reader) workingGroups(n *place.Node) []string {
	if n != nil && n.Kind == place.Array && len(n.Children) > 2 {
		r.Report(n, place.ListTooLong, "length", fmt.Sprint(len(n.Children)), "limit", "2")
		return nil
	}
	return place.List(r.Reader, r.Some(n), r.workingGroup)
}

// need reads the id of a need. A missing one is empty.
func (r *reader) need(n *place.Node) string {
	return r.Ref(n, "need", ids(r.preset.Needs, func(d mechanism.Need) string { return d.ID }))
}

func ids[T any](list []T, id func(T) string) []string {
	names := make([]string, len(list))
	for i, item := range list {
		names[i] = id(item)
	}
	return names
}

func (r *reader) number(n *place.Node) Number {
	o := r.Object(n)
	defer o.Close()
	return Number{
		Value: r.Int(o.Must("value"), 1, 1000),
		Basis: place.Word(r.Reader, o.Must("basis"), NumberRead, NumberInferred),
	}
}

func (r *reader) session(n *place.Node) Session {
	o := r.Object(n)
	defer o.Close()
	return Session{
		WorkingGroup: r.workingGroup(o.Must("working_group")),
		Session:      r.Int(o.May("session"), 1, 1000),
		From:         r.Day(o.May("from")),
		To:           r.Day(o.May("to")),
		Text:         r.Text(o.May("text")),
		Sources:      r.Cited(o, true),
	}
}

func (r *reader) chairs(n *place.Node) []Chair {
	taken := place.IDs{}
	return place.List(r.Reader, n, func(n *place.Node) Chair {
		o := r.Object(n)
		defer o.Close()
		return Chair{
			ID:      r.ID(o.Must("id"), taken),
			Name:    r.String(o.Must("name"), place.MaxName),
			Country: r.country(o.Must("country")),
			Role:    place.Word(r.Reader, o.Must("role"), SoleChair, CoChair),
			Sources: r.Cited(o, true),
		}
	})
}

func (r *reader) country(n *place.Node) string {
	s := r.String(n, place.MaxName)
	if s == "" {
		return ""
	}
	if len(s) != 2 || s[0] < 'A' || s[0] > 'Z' || s[1] < 'A' || s[1] > 'Z' {
		r.Report(n, place.BadCountry)
		return ""
	}
	return s
}

func (r *reader) point(n *place.Node) Point {
	o := r.Object(n)
	defer o.Close()
	return Point{
		ID:      r.ID(o.Must("id"), r.items),
		Kind:    place.Word(r.Reader, o.Must("kind"), MainPoint, OtherPoint),
		Need:    r.need(o.May("need")),
		Text:    r.Text(o.Must("text")),
		RestsOn: r.restsOn(o.Must("rests_on")),
		Fates:   r.fates(o.May("fates")),
		Sources: r.Cited(o, true),
	}
}

func (r *reader) restsOn(n *place.Node) RestsOn {
	o := r.Object(n)
	defer o.Close()
	return RestsOn{
		Status: place.Word(r.Reader, o.Must("status"), NotPublished, Published),
		Text:   r.Text(o.Must("text")),
	}
}

func (r *reader) fates(n *place.Node) []Fate {
	first := map[Actor]*place.Node{}
	return place.List(r.Reader, n, func(n *place.Node) Fate {
		o := r.Object(n)
		defer o.Close()
		by := o.Must("by")
		f := Fate{
			By:     place.Word(r.Reader, by, States, StakeholderSide, WorkingGroup),
			Status: place.Word(r.Reader, o.Must("status"), NoPublicTrace, Reported),
			Text:   r.Text(o.Must("text")),
		}
		if before := first[f.By]; before != nil && f.By != "" {
			r.Report(by, place.SecondFate, "first", r.Place(before))
		} else {
			first[f.By] = by
		}
		if f.Status == NoPublicTrace { // nothing was found: say where and when it was looked for
			f.LookedIn = place.List(r.Reader, r.Some(o.Must("looked_in")), r.lookedIn)
			f.LookedOn = r.after(o.Must("looked_on"))
		} else {
			f.Sources = r.Cited(o, f.Status == Reported)
			f.LookedIn = place.List(r.Reader, o.May("looked_in"), r.lookedIn)
			f.LookedOn = r.after(o.May("looked_on"))
		}
		return f
	})
}

func (r *reader) lookedIn(n *place.Node) LookedIn {
	o := r.Object(n)
	defer o.Close()
	source, text := o.May("source"), o.May("text")
	if source == nil && text == nil {
		o.Missing("source")
	}
	return LookedIn{Source: r.SourceRef(source), Text: r.Text(text)}
}

// after reads a day that cannot lie before the dialogue.
func (r *reader) after(n *place.Node) Date {
	d := r.Day(n)
	if d != "" && r.date != "" && d.First().Before(r.date.First()) {
		r.Report(n, place.BeforeDialogue, "date", string(r.date))
	}
	return d
}

func (r *reader) recommendation(n *place.Node) Recommendation {
	o := r.Object(n)
	defer o.Close()
	return Recommendation{
		ID:      r.ID(o.Must("id"), r.items),
		Need:    r.need(o.May("need")),
		Text:    r.Text(o.Must("text")),
		Fates:   r.fates(o.May("fates")),
		Sources: r.Cited(o, true),
	}
}

func (r *reader) statement(n *place.Node) Statement {
	o := r.Object(n)
	defer o.Close()
	who, organisation := o.May("who"), o.May("organisation")
	if who == nil && organisation == nil {
		o.Missing("who")
	}
	return Statement{
		ID:           r.ID(o.Must("id"), r.items),
		Who:          r.String(who, place.MaxName),
		Organisation: r.String(organisation, place.MaxName),
		Role:         r.Text(o.May("role")),
		Need:         r.need(o.May("need")),
		Text:         r.Text(o.Must("text")),
		Sources:      r.Cited(o, true),
	}
}

func (r *reader) item(n *place.Node) Item {
	o := r.Object(n)
	defer o.Close()
	return Item{
		ID:      r.ID(o.Must("id"), r.items),
		Need:    r.need(o.May("need")),
		Text:    r.Text(o.Must("text")),
		Sources: r.Cited(o, true),
	}
}

// links reads the links last, when all items of the file are known.
func (r *reader) links(n *place.Node, f *File) []Link {
	items := ids(f.Items(), func(c Cited) string { return c.ID })
	return place.List(r.Reader, n, func(n *place.Node) Link {
		o := r.Object(n)
		defer o.Close()
		return Link{
			ID:       r.ID(o.Must("id"), r.items),
			Item:     r.Ref(o.Must("item"), "item", items),
			TakesUp:  r.takesUp(o.Must("takes_up")),
			Relation: place.Word(r.Reader, o.Must("relation"), TakenUp, AskedAgain, EvidenceFor, Narrowed, Differs),
			Why:      r.Text(o.Must("why")),
			DrawnBy:  place.Word(r.Reader, o.Must("drawn_by"), Editors),
			DrawnOn:  r.after(o.Must("drawn_on")),
			Sources:  r.Cited(o, true),
		}
	})
}

func (r *reader) takesUp(n *place.Node) string {
	dialogue, item := r.Reference(n)
	if item == "" {
		return ""
	}
	if dialogue == r.id {
		r.Report(n, place.OwnDialogue)
	}
	return dialogue + "/" + item
}
