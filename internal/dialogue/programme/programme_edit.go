package programme

import (
	"context"
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// The bounds of a programme and of what is typed, in numbers and in characters.
const (
	maxDays     = 15
	maxSittings = 8
	maxItems    = 40
	maxPanel    = 20
	maxStanding = 12
	maxTitle    = 300
	maxLine     = 200
	maxLink     = 2000
)

// Overtaken tells that somebody else changed the same part since the form was made. Nothing was done. Theirs is the
// part as it stands now; nil where it was removed.
type Overtaken struct{ Theirs any }

func (o *Overtaken) Error() string { return "somebody else changed this part of the programme" }

// errMovedOn is for forms that depend on the whole draft.
var errMovedOn = &page.Problem{Status: 409, Key: "programme.problem.movedon"}

// Save keeps one part of the draft. An id that the draft does not have is added: a Day to the programme, a Sitting
// to the day named in under, an Item to the sitting named in under. Rev must be that of the part as it was read, 0 for
// a new one; it answers *Overtaken otherwise, and page.Invalids for what was typed.
func (room *Room) Save(ctx context.Context, actor party.Actor, id dialogue.ID, under ID, part any) error {
	return room.edit(ctx, actor, id, func(p *Programme, h Held) error {
		switch part := part.(type) {
		case Day:
			return p.saveDay(part, h)
		case Sitting:
			return p.saveSitting(under, part, h)
		case Item:
			return p.saveItem(under, part)
		case Programme:
			return p.saveLanguages(part)
		}
		return fmt.Errorf("a %T is no part of a programme", part)
	})
}

// Start begins the draft with the mechanism's usual items. Where one was begun, it stays.
func (room *Room) Start(ctx context.Context, actor party.Actor, id dialogue.ID) error {
	return room.edit(ctx, actor, id, func(p *Programme, h Held) error {
		if p.Days == nil {
			*p = usual(h, room.o.Usual)
		}
		return nil
	})
}

// Move puts a day, sitting or item before or after its neighbour; edit is the state of the draft that was looked at.
func (room *Room) Move(ctx context.Context, actor party.Actor, id dialogue.ID, edit int, part ID, up bool) error {
	return room.editAt(ctx, actor, id, edit, func(p *Programme, _ Held) error { return p.move(part, up) })
}

// Remove takes a day, sitting or item out, with all it holds.
func (room *Room) Remove(ctx context.Context, actor party.Actor, id dialogue.ID, edit int, part ID) error {
	return room.editAt(ctx, actor, id, edit, func(p *Programme, _ Held) error { return p.remove(part) })
}

const anyEdit = -1

func (room *Room) edit(ctx context.Context, actor party.Actor, id dialogue.ID, fn func(*Programme, Held) error) error {
	return room.editAt(ctx, actor, id, anyEdit, fn)
}

// editAt changes the draft in one transaction, if it stands where the caller saw it.
func (room *Room) editAt(ctx context.Context, actor party.Actor, id dialogue.ID, at int, fn func(*Programme, Held) error) error {
	err := room.o.DB.Write(ctx, func(tx *store.Tx) error {
		h, err := room.o.Dialogue(tx, id)
		if err != nil {
			return err
		}
		if err := party.Allow(actor, party.EditProgramme, h.scope()); err != nil {
			return err
		}
		p, edit, _, err := room.draft(tx, id, true)
		if err != nil {
			return err
		}
		if at != anyEdit && at != edit {
			return errMovedOn
		}
		if err := fn(&p, h); err != nil {
			return err
		}
		return room.keepDraft(tx, id, &p, edit+1, room.o.Clock())
	})
	if err != nil {
		return fmt.Errorf("editing the programme of %s: %w", id, err)
	}
	return nil
}

// sameAs tells whether what is sent is what stands, so that a form sent twice is no conflict.
func sameAs(a, b any) bool { return reflect.DeepEqual(a, b) }

func (p *Programme) saveLanguages(in Programme) error {
	var langs []string
	for _, tag := range in.Languages {
		if t, err := language.Parse(tag); err == nil {
			langs = append(langs, t.String())
		}
	}
	if in.Rev != p.Rev && !slices.Equal(langs, p.Languages) {
		return &Overtaken{Programme{Languages: p.Languages, Rev: p.Rev}}
	}
	p.Languages, p.Rev = langs, p.Rev+1
	return nil
}

func (p *Programme) saveDay(in Day, h Held) error {
	if err := checkDay(in, h); err != nil {
		return err
	}
	for _, d := range p.Days {
		if d.Date == in.Date && d.ID != in.ID {
			return invalid("date", "programme.problem.date.taken")
		}
	}
	d := p.day(in.ID)
	if d == nil {
		if in.Rev != 0 {
			return &Overtaken{nil}
		}
		if len(p.Days) >= maxDays || !p.free(in.ID) {
			return invalid("date", "programme.problem.many", "Max", maxDays)
		}
		in.Rev, in.Sittings = 1, []Sitting{}
		p.Days = append(p.Days, in)
		p.sortDays()
		return nil
	}
	was := *d
	if was.Rev != in.Rev {
		if was.Date == in.Date && was.Preparation == in.Preparation {
			return nil
		}
		return &Overtaken{was}
	}
	d.Date, d.Preparation, d.Rev = in.Date, in.Preparation, d.Rev+1
	p.sortDays()
	return nil
}

// sortDays keeps days in the order of their dates.
func (p *Programme) sortDays() {
	slices.SortStableFunc(p.Days, func(a, b Day) int { return strings.Compare(a.Date, b.Date) })
}

func (p *Programme) saveSitting(under ID, in Sitting, h Held) error {
	if err := checkSitting(&in); err != nil {
		return err
	}
	d, s := p.sitting(in.ID)
	if s == nil {
		if d = p.day(under); d == nil || in.Rev != 0 {
			return &Overtaken{nil}
		}
		if len(d.Sittings) >= maxSittings || !p.free(in.ID) {
			return invalid("start", "programme.problem.many", "Max", maxSittings)
		}
	} else if s.Rev != in.Rev {
		theirs := *s
		if mine := in; sameAs([]string{mine.Start, mine.End, mine.Room, mine.Link}, []string{theirs.Start, theirs.End, theirs.Room, theirs.Link}) {
			return nil
		}
		return &Overtaken{theirs}
	}
	if _, _, err := in.times(d.Date, h.Zone); err != nil {
		return invalid("start", "programme.problem.notime")
	}
	for _, other := range d.Sittings {
		if other.ID != in.ID && in.Start < other.End && other.Start < in.End {
			return invalid("start", "programme.problem.overlap", "Start", other.Start, "End", other.End)
		}
	}
	if s == nil {
		in.Rev, in.Items, in.Sequence = 1, []Item{}, 0
		d.Sittings = append(d.Sittings, in)
	} else {
		s.Start, s.End, s.Room, s.Link, s.Rev = in.Start, in.End, in.Room, in.Link, s.Rev+1
	}
	slices.SortStableFunc(d.Sittings, func(a, b Sitting) int { return strings.Compare(a.Start, b.Start) })
	return nil
}

func (p *Programme) saveItem(under ID, in Item) error {
	s, it := p.item(in.ID)
	if it == nil {
		if _, s = p.sitting(under); s == nil || in.Rev != 0 {
			return &Overtaken{nil}
		}
	}
	if it != nil {
		in.keepStatus(it)
	}
	if err := checkItem(&in); err != nil {
		return err
	}
	if it == nil {
		if len(s.Items) >= maxItems || !p.free(in.ID) {
			return invalid("title-en", "programme.problem.many", "Max", maxItems)
		}
		in.Rev = 1
		s.Items = append(s.Items, in)
		return nil
	}
	if it.Rev != in.Rev {
		theirs, mine := *it, in
		mine.Rev = theirs.Rev
		if sameAs(mine, theirs) {
			return nil
		}
		return &Overtaken{theirs}
	}
	in.Rev++
	*it = in
	return nil
}

// keepStatus keeps who stands behind the words that were not changed.
func (in *Item) keepStatus(was *Item) {
	keep := func(now, before dialogue.Words) {
		for lang, w := range now {
			if old, ok := before[lang]; ok && old.Text == w.Text {
				now[lang] = old
			}
		}
	}
	keep(in.Title, was.Title)
	for i := range in.Standing {
		if i < len(was.Standing) {
			keep(in.Standing[i], was.Standing[i])
		}
	}
}

var idGrammar = regexp.MustCompile(`^[a-z0-9]+(?:-[a-z0-9]+)*$`)

// free tells whether an id may be given to a new part.
func (p *Programme) free(id ID) bool {
	return len(id) <= 64 && idGrammar.MatchString(string(id)) && !p.has(id)
}

func (p *Programme) move(part ID, up bool) error {
	if s, it := p.item(part); it != nil {
		i := slices.IndexFunc(s.Items, func(it Item) bool { return it.ID == part })
		j := i + 1
		if up {
			j = i - 1
		}
		if j >= 0 && j < len(s.Items) {
			s.Items[i], s.Items[j] = s.Items[j], s.Items[i]
			return nil
		}
		return p.moveAcross(s.ID, i, up)
	}
	return errMovedOn // days and sittings stand in the order of their times
}

// moveAcross takes the first or last item of a sitting to the sitting before or after.
func (p *Programme) moveAcross(from ID, i int, up bool) error {
	var all []*Sitting
	for d := range p.Days {
		for s := range p.Days[d].Sittings {
			all = append(all, &p.Days[d].Sittings[s])
		}
	}
	at := slices.IndexFunc(all, func(s *Sitting) bool { return s.ID == from })
	to := at + 1
	if up {
		to = at - 1
	}
	if to < 0 || to >= len(all) || len(all[to].Items) >= maxItems {
		return errMovedOn
	}
	it := all[at].Items[i]
	all[at].Items = slices.Delete(all[at].Items, i, i+1)
	if up {
		all[to].Items = append(all[to].Items, it)
	} else {
		all[to].Items = slices.Insert(all[to].Items, 0, it)
	}
	return nil
}

func (p *Programme) remove(part ID) error {
	if s, it := p.item(part); it != nil {
		s.Items = slices.DeleteFunc(s.Items, func(it Item) bool { return it.ID == part })
		return nil
	}
	if d, s := p.sitting(part); s != nil {
		d.Sittings = slices.DeleteFunc(d.Sittings, func(s Sitting) bool { return s.ID == part })
		return nil
	}
	if p.day(part) != nil {
		p.Days = slices.DeleteFunc(p.Days, func(d Day) bool { return d.ID == part })
		return nil
	}
	return errMovedOn
}

func invalid(field, key string, pairs ...any) page.Invalids {
	return page.Invalids{{Field: field, Key: key, Pairs: pairs}}
}

func checkDay(d Day, h Held) error {
	date, err := locale.ParseDate(d.Date)
	if err != nil || date.Day == 0 || date.String() != d.Date {
		return invalid("date", "programme.problem.date")
	}
	if d.Date < h.First.String() || d.Date > h.Last.String() {
		return invalid("date", "programme.problem.date.outside")
	}
	return nil
}

func checkSitting(s *Sitting) error {
	var errs []error
	for _, f := range []struct {
		name string
		text *string
	}{{"start", &s.Start}, {"end", &s.End}} {
		t, err := time.Parse("15:04", strings.TrimSpace(*f.text))
		if err != nil {
			errs = append(errs, invalid(f.name, "programme.problem.time"))
			continue
		}
		*f.text = t.Format("15:04")
	}
	if len(errs) == 0 && s.End <= s.Start {
		errs = append(errs, invalid("end", "programme.problem.end"))
	}
	var err error
	if s.Room, err = line("room", s.Room, maxLine); err != nil {
		errs = append(errs, err)
	}
	if s.Link = strings.TrimSpace(s.Link); s.Link != "" {
		u, err := url.Parse(s.Link)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || len(s.Link) > maxLink || !page.Clean(s.Link) {
			errs = append(errs, invalid("link", "programme.problem.link"))
		}
	}
	return page.Collect(errs...)
}

func checkItem(it *Item) error {
	var errs []error
	if it.Title, errs = wordsOf("title", it.Title, maxTitle, errs); len(it.Title) == 0 && len(errs) == 0 {
		errs = append(errs, invalid("title-en", "programme.problem.title"))
	}
	if it.Minutes < 0 || it.Minutes > 24*60 {
		errs = append(errs, invalid("minutes", "programme.problem.minutes"))
	}
	if len(it.Panel) > maxPanel {
		errs = append(errs, invalid("panel-0-name", "programme.problem.many", "Max", maxPanel))
	}
	for i := range it.Panel {
		p := &it.Panel[i]
		field := fmt.Sprintf("panel-%d-", i)
		var err error
		if p.Name, err = line(field+"name", p.Name, maxLine); err != nil {
			errs = append(errs, err)
		}
		if p.Role, err = line(field+"role", p.Role, maxLine); err != nil {
			errs = append(errs, err)
		}
		if p.Named && p.Name == "" {
			errs = append(errs, invalid(field+"name", "programme.problem.name"))
		} else if p.Name == "" && p.Role == "" {
			errs = append(errs, invalid(field+"role", "programme.problem.role"))
		}
	}
	if len(it.Standing) > maxStanding {
		errs = append(errs, invalid("standing-en", "programme.problem.many", "Max", maxStanding))
	}
	for i := range it.Standing {
		it.Standing[i], errs = wordsOf("standing", it.Standing[i], maxTitle, errs)
	}
	it.Standing = slices.DeleteFunc(it.Standing, func(w dialogue.Words) bool { return len(w) == 0 })
	return page.Collect(errs...)
}

// wordsOf reads a text in several languages and leaves out those in which nothing was written.
func wordsOf(field string, w dialogue.Words, max int, errs []error) (dialogue.Words, []error) {
	out := dialogue.Words{}
	for _, lang := range locale.Langs {
		wording, ok := w[lang]
		if !ok {
			continue
		}
		text, err := line(field+"-"+string(lang), wording.Text, max)
		if err != nil {
			errs = append(errs, err)
		}
		if text != "" {
			wording.Text = text
			out[lang] = wording
		}
	}
	return out, errs
}

// line reads one line that people read.
func line(field, s string, max int) (string, error) {
	s = strings.Join(strings.Fields(norm.NFC.String(s)), " ")
	switch {
	case !page.Clean(s):
		return "", invalid(field, "programme.problem.unreadable")
	case utf8.RuneCountInString(s) > max:
		return "", invalid(field, "programme.problem.long", "Max", max)
	}
	return s, nil
}
