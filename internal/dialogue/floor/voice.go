package floor

import (
	"cmp"
	"fmt"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/locale"
)

// voice puts the floor into the words of one language.
type voice struct {
	room *Room
	lang locale.Lang
	zone *time.Location
}

func (room *Room) speak(lang locale.Lang, held Held) voice {
	return voice{room, lang, cmp.Or(held.Zone, time.UTC)}
}

func (v voice) text(key string, pairs ...any) string {
	return v.room.o.Catalogues.Text(v.lang, key, pairs...)
}

func (v voice) count(key string, n int, pairs ...any) string {
	return v.room.o.Catalogues.Count(v.lang, key, n, pairs...)
}

// isolate keeps a name from turning the words around it (Unicode Standard Annex 9, first strong isolate).
func isolate(name string) string { return "\u2068" + name + "\u2069" }

// of gives the words of a text in the language.
func (v voice) of(w dialogue.Words, otherwise string) string {
	wording, _ := w.In(v.lang)
	return cmp.Or(wording.Text, otherwise)
}

// typ names a stakeholder type; of those whose type is not shown, what they are called together.
func (v voice) typ(id string) string {
	if id == "" {
		return v.text("floor.type.none")
	}
	for _, t := range v.room.o.Types {
		if t.ID == id {
			return t.In(v.lang)
		}
	}
	return id
}

// who names a speaker as they want to be shown.
func (v voice) who(n Naming, name, typ string) string {
	switch {
	case n == ByName && name != "":
		return isolate(name)
	case n == Withheld || typ == "":
		return v.text("floor.who.withheld")
	}
	return v.text("floor.who.category", "Type", v.typ(typ))
}

// participant is who for somebody who has not spoken yet.
func (v voice) participant(p Participant) string { return v.who(p.Naming, p.Name, p.shownType()) }

// language names a language.
func (v voice) language(tag string) string {
	t, err := language.Parse(tag)
	if err != nil {
		return tag
	}
	return cmp.Or(display.Languages(language.MustParse(string(v.lang))).Name(t), tag)
}

// about says of a speaker what may be said: type, mode, language.
func (v voice) about(n Naming, typ string, m Mode, lang string) string {
	if n == Withheld {
		return v.text("floor.about.withheld")
	}
	said := v.text("floor.mode." + string(m))
	if typ != "" && n == ByName {
		said = v.typ(typ) + " · " + said
	}
	if lang != "" {
		said += " · " + v.text("floor.about.lang", "Lang", v.language(lang))
	}
	return said
}

// clock writes seconds as 3:05, as clocks do in every language of the pages.
func clock(seconds int) string {
	sign := ""
	if seconds < 0 {
		sign, seconds = "−", -seconds
	}
	return fmt.Sprintf("%s%d:%02d", sign, seconds/60, seconds%60)
}

// span says a length of time: "2 min 10 s", "3 min", "40 s".
func (v voice) span(seconds int) string {
	switch m, s := seconds/60, seconds%60; {
	case m == 0:
		return v.text("floor.span.s", "S", s)
	case s == 0:
		return v.text("floor.span.min", "M", m)
	default:
		return v.text("floor.span.mins", "M", m, "S", s)
	}
}

// at writes the time of day in the dialogue's zone.
func (v voice) at(t time.Time) string { return t.In(v.zone).Format("15:04") }

// why says one reason in words.
func (v voice) why(r Reason, asked time.Time) string {
	switch r.Why {
	case WhyTypeNew:
		return v.text("floor.why.type-new", "Type", v.typ(r.Type))
	case WhyTypeTurn:
		return v.count("floor.why.type-turn", r.N, "Type", v.typ(r.Type))
	case WhyPassed:
		return v.count("floor.why.passed", r.N)
	case WhyTime:
		return v.text("floor.why.time", "Time", v.span(r.Seconds))
	case WhyMode:
		return v.count("floor.why.mode."+string(r.Mode), r.N)
	case WhyAsked:
		return v.text("floor.why.asked", "At", v.at(asked))
	}
	return v.text("floor.why." + string(r.Why))
}

// whys says all reasons of a place.
func (v voice) whys(p Placed) string {
	said := ""
	for i, r := range p.Reasons {
		if i > 0 {
			said += v.text("floor.why.and")
		}
		if p.Participant.Naming == Withheld && r.Why == WhyMode {
			said += v.text("floor.why.withheld") // the mode would be said
			continue
		}
		said += v.why(r, p.Asked)
	}
	return said
}

// act says what the desk did.
func (v voice) act(a Act) string {
	pairs := []any{"At", v.at(a.At), "Who", v.who(a.Naming, a.Who, a.Type), "Reason", isolate(a.Reason), "Time", v.span(a.Seconds), "Before", v.count("floor.others", a.Before)}
	return v.text("floor.act.said."+string(a.What), pairs...)
}
