package programme

import (
	"cmp"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/locale"
)

// voice puts a programme into the words of one language.
type voice struct {
	room *Room
	lang locale.Lang
	zone *time.Location
}

func (room *Room) speak(lang locale.Lang, h Held) voice {
	return voice{room, lang, cmp.Or(h.Zone, time.UTC)}
}

func (v voice) text(key string, pairs ...any) string {
	return v.room.o.Catalogues.Text(v.lang, key, pairs...)
}

func (v voice) count(key string, n int, pairs ...any) string {
	return v.room.o.Catalogues.Count(v.lang, key, n, pairs...)
}

// of gives the words of a text in the language, and what else where there are none.
func (v voice) of(w dialogue.Words, otherwise string) string {
	wording, _ := w.In(v.lang)
	for _, lang := range locale.Langs {
		if wording.Text == "" {
			wording = w[lang]
		}
	}
	return cmp.Or(wording.Text, otherwise)
}

// machine tells whether the words of a text in the language are a machine's, reviewed by nobody.
func (v voice) machine(w dialogue.Words) bool {
	wording, _ := w.In(v.lang)
	return wording.Status == string(locale.Machine)
}

// date writes a day in full.
func (v voice) date(day string) string {
	d, err := locale.ParseDate(day)
	if err != nil {
		return day
	}
	return v.room.o.Catalogues.Date(v.lang, d)
}

// part names a sitting by its time of day.
func (v voice) part(s *Sitting) string {
	switch {
	case s.Start < "12:00":
		return v.text("programme.morning")
	case s.Start < "18:00":
		return v.text("programme.afternoon")
	}
	return v.text("programme.evening")
}

// isolate keeps a name from turning the words around it (Unicode Standard Annex 9, first strong isolate).
func isolate(name string) string { return "\u2068" + name + "\u2069" }

// panellist writes one line of a panel.
func (v voice) panellist(p Panellist) string {
	p = p.Public()
	said := p.Role
	if p.Name != "" {
		said = isolate(p.Name)
		if p.Role != "" {
			said = v.text("programme.person", "Name", said, "Role", isolate(p.Role))
		}
	}
	if p.Moderator {
		said = v.text("programme.moderator", "Who", said)
	}
	return said
}

// languages names languages.
func (v voice) languages(tags []string) string {
	names := display.Languages(language.MustParse(string(v.lang)))
	var all []string
	for _, tag := range tags {
		t, err := language.Parse(tag)
		if err != nil {
			continue
		}
		all = append(all, cmp.Or(names.Name(t), tag))
	}
	return v.room.o.Catalogues.List(v.lang, all)
}

// change says one difference between two versions.
func (v voice) change(c Change) string {
	var what string
	switch c.Kind {
	case "day":
		what = v.date(c.Date)
	case "sitting":
		what = v.text("programme.sitting.at", "Date", v.date(c.Date), "Times", isolate(c.Start+"–"+c.End))
	case "item":
		what = isolate(v.of(c.Title, string(c.ID)))
	default:
		what = v.text("programme.whole")
	}
	var fields []string
	for _, f := range c.Fields {
		fields = append(fields, v.text("programme.field."+f))
	}
	if len(fields) > 0 {
		return v.text("programme.change.fields", "What", what, "Fields", v.room.o.Catalogues.List(v.lang, fields))
	}
	return v.text("programme.change."+string(c.What), "What", what)
}

// city names a zone by its place: "Vienna" of Europe/Vienna.
func city(zone *time.Location) string {
	name := zone.String()
	return strings.ReplaceAll(name[strings.LastIndexByte(name, '/')+1:], "_", " ")
}
