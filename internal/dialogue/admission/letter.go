package admission

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"rostrum.example/format/docx"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/store"
)

// Letter is a kind of letter that the secretariat writes.
type Letter string

// The kinds of letters. Certificates are letters with a number that anybody can check.
const (
	Acceptance  Letter = "acceptance"
	Regret      Letter = "regret"
	Visa        Letter = "visa"
	Certificate Letter = "certificate"
)

var letters = []Letter{Acceptance, Regret, Visa, Certificate}

// toPersons tells whether a letter goes to a person; the others go to an organisation.
func (l Letter) toPersons() bool { return l == Visa || l == Certificate }

// fieldsOf are the fields that a template of a letter may have. "persons" is a block with person, name, function and mode;
// "to" is the organisation with its country, "person" the name with the function, as far as they are known.
func fieldsOf(l Letter) []string {
	all := []string{"operator", "date", "dialogue", "dialogue_dates", "place", "organisation", "country", "to", "reference", "sample"}
	switch l {
	case Acceptance:
		return append(all, "decided", "persons", "person", "name", "function", "mode", "page")
	case Regret:
		return append(all, "decided", "reason", "page")
	case Visa:
		return append(all, "person", "name", "function")
	case Certificate:
		return append(all, "person", "name", "function", "number", "minutes", "check")
	}
	return all
}

// addressee is whom one letter is for.
type addressee struct {
	a *application.Application
	m *application.Admission
	p *Participant
	// decided is when the organisation was admitted or declined, and why.
	decided time.Time
	reason  string
	persons []*Participant
}

// id names an addressee in forms: the participant, or the application.
func (x addressee) id() string {
	if x.p != nil {
		return string(x.p.ID)
	}
	return string(x.a.ID)
}

// lang is the language of a letter: the applicant's.
func (x addressee) lang() locale.Lang {
	if x.a != nil {
		return known(x.a.Lang)
	}
	return locale.English
}

func (x addressee) body() string {
	if x.p != nil {
		return x.p.Body
	}
	return x.a.Name
}

func (x addressee) name() string {
	if x.p != nil {
		return x.p.Name
	}
	return x.a.Name
}

// addressees lists whom a letter can be written to: for an acceptance the organisations that were admitted, for a regret
// those that were declined, for a visa whoever is registered by name and may come to the room, for a certificate whoever
// took part.
func (room *Room) addressees(tx *store.Tx, d *cycle.Dialogue, l Letter) ([]addressee, error) {
	apps, err := room.o.Applications.OfDialogue(tx, d.ID)
	if err != nil {
		return nil, err
	}
	admissions, err := room.o.Applications.AdmissionsTo(tx, d.ID)
	if err != nil {
		return nil, err
	}
	participants, err := room.Participants(tx, d.ID)
	if err != nil {
		return nil, err
	}
	stand := map[application.ID]*application.Admission{}
	for _, m := range admissions {
		stand[m.Application] = m
	}
	byID := map[application.ID]*application.Application{}
	var all []addressee
	for _, a := range apps {
		byID[a.ID] = a
		m := stand[a.ID]
		if m == nil || !a.Erased.IsZero() || l.toPersons() {
			continue
		}
		if l == Acceptance && !application.Past(m.State) || l == Regret && m.State != application.Declined {
			continue
		}
		x := addressee{a: a, m: m, decided: m.Since}
		for _, p := range participants {
			if p.Application == a.ID && p.Here() && p.Name != "" {
				x.persons = append(x.persons, p)
			}
		}
		all = append(all, x)
	}
	for _, p := range participants {
		if !l.toPersons() || !p.Here() || p.Name == "" || !p.Erased.IsZero() {
			continue
		}
		if l == Visa && p.Mode == Remote || l == Certificate && p.Attended == "" {
			continue
		}
		all = append(all, addressee{a: byID[p.Application], m: stand[p.Application], p: p})
	}
	return all, nil
}

// addDecision finds when and why an organisation was admitted or declined.
func (room *Room) addDecision(tx *store.Tx, d *cycle.Dialogue, x *addressee) error {
	if x.a == nil || x.p != nil {
		return nil
	}
	moves, err := room.o.Applications.Moves(tx, x.a.ID)
	for _, m := range moves {
		if m.Dialogue == d.ID && (m.To == application.Admitted || m.To == application.Declined) {
			x.decided, x.reason = m.At, m.Answers[answerReason]
		}
	}
	return err
}

// letterValues are what the fields of a letter say, in its language.
func (room *Room) letterValues(d *cycle.Dialogue, l Letter, x addressee, now time.Time) docx.Values {
	lang := x.lang()
	date := func(t time.Time) string { return room.o.Catalogues.Date(lang, locale.DateOf(t.In(d.Location()))) }
	v := map[string]string{
		"operator": room.o.Operator, "date": date(now), "dialogue": said(d.Title, lang), "dialogue_dates": room.daysOf(lang, d), "place": said(d.Place, lang),
		"organisation": x.body(), "country": "", "reference": strings.ToUpper(x.id()[:min(8, len(x.id()))]), "sample": "",
	}
	if d.Sample {
		v["sample"] = room.text(lang, "admission.sample")
	}
	country := ""
	if x.p != nil {
		country = x.p.Country
		v["name"], v["function"], v["person"] = x.p.Name, x.p.Function, room.joined(lang, x.p.Name, x.p.Function)
	} else if x.a != nil {
		country = x.a.Answers.One(application.FieldCountry)
	}
	if country != "" {
		v["country"] = room.o.Catalogues.Country(lang, country)
	}
	v["to"] = room.joined(lang, v["organisation"], v["country"])
	values := docx.Values{Text: v}
	switch l {
	case Acceptance, Regret:
		v["decided"], v["page"] = date(x.decided), room.o.Address()+"/"+string(lang)+"/applications/link"
		if l == Regret {
			v["reason"] = x.reason
			break
		}
		values.Lists = map[string][]docx.Values{"persons": {}}
		for _, p := range x.persons {
			values.Lists["persons"] = append(values.Lists["persons"], docx.Values{Text: map[string]string{
				"person": room.joined(lang, p.Name, p.Function), "name": p.Name, "function": p.Function, "mode": room.text(lang, "admission.mode."+string(p.Mode)),
			}})
		}
	case Certificate:
		v["number"], v["check"], v["minutes"] = x.p.Certificate, room.certificateURL(lang, x.p.Certificate), ""
		if n := x.p.Room + x.p.Remote; n > 0 {
			v["minutes"] = room.o.Catalogues.Count(lang, "admission.minutes", n)
		}
	}
	return values
}

// daysOf writes the days of a dialogue.
func (room *Room) daysOf(lang locale.Lang, d *cycle.Dialogue) string {
	from, to := room.o.Catalogues.Date(lang, d.Starts), room.o.Catalogues.Date(lang, d.Ends)
	if d.Starts == d.Ends {
		return from
	}
	return room.text(lang, "admission.days", "From", from, "To", to)
}

// fill makes a letter out of a template.
func fill(t *docx.Template, v docx.Values) ([]byte, error) {
	var out bytes.Buffer
	if _, err := t.Fill(&out, v); err != nil {
		return nil, fmt.Errorf("writing a letter: %w", err)
	}
	return out.Bytes(), nil
}

// builtIn is the template that the program brings for a letter. Its words stand in the catalogue, with fields in
// guillemets; a paragraph that begins with a hyphen is an item of the list of persons.
func (room *Room) builtIn(l Letter, lang locale.Lang) (*docx.Template, error) {
	file, err := room.builtInFile(l, lang)
	if err != nil {
		return nil, err
	}
	t, err := docx.ReadTemplate(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("reading the template of a letter: %w", err)
	}
	return t, nil
}

// builtInFile is that template as a file.
func (room *Room) builtInFile(l Letter, lang locale.Lang) ([]byte, error) {
	key := "admission.paper." + string(l)
	body := func(text string) *docx.Paragraph { return &docx.Paragraph{Runs: []docx.Run{{Text: text}}} }
	d := &docx.Document{Title: room.text(lang, key+".title"), Language: string(lang), Header: "{{operator}}\t{{sample}}", Footer: "{{reference}}\t{page}/{pages}"}
	d.Blocks = append(d.Blocks,
		&docx.Paragraph{Style: docx.Body, Runs: []docx.Run{{Text: "{{date}}"}}},
		&docx.Paragraph{Style: docx.Title, Runs: []docx.Run{{Text: room.text(lang, key+".title")}}},
	)
	for part := range strings.SplitSeq(room.text(lang, key+".text"), "\n\n") {
		if item, ok := strings.CutPrefix(part, "- "); ok {
			d.Blocks = append(d.Blocks, body("{{#persons}}"), &docx.Paragraph{Style: docx.ListItem, Level: 1, Runs: []docx.Run{{Text: braced(item)}}}, body("{{/persons}}"))
			continue
		}
		d.Blocks = append(d.Blocks, body(braced(part)))
	}
	var out bytes.Buffer
	if err := docx.Write(&out, d); err != nil {
		return nil, fmt.Errorf("writing the template of a letter: %w", err)
	}
	return out.Bytes(), nil
}

// braced writes the fields of a text of the catalogue, «name», as templates have them: the catalogue's own placeholders
// are in braces.
func braced(s string) string {
	return strings.NewReplacer("«", "{{", "»", "}}").Replace(s)
}

// press makes letters of one kind for one dialogue: it reads each template once.
type press struct {
	room  *Room
	d     *cycle.Dialogue
	l     Letter
	made  map[locale.Lang]*docx.Template
	which map[locale.Lang]string
}

func (room *Room) press(d *cycle.Dialogue, l Letter) *press {
	return &press{room, d, l, map[locale.Lang]*docx.Template{}, map[locale.Lang]string{}}
}

// template gives the unit's own template for a language, or the built-in one; and its id, empty for the built-in. The
// papers of a sample say so, so a template without a place for it is not used for one.
func (p *press) template(tx *store.Tx, lang locale.Lang) (*docx.Template, string, error) {
	if t := p.made[lang]; t != nil {
		return t, p.which[lang], nil
	}
	own, err := p.room.newestTemplate(tx, p.l, lang)
	if err != nil {
		return nil, "", err
	}
	var t *docx.Template
	if own.ID != "" {
		if t, err = docx.ReadTemplate(bytes.NewReader(own.Body)); err != nil {
			return nil, "", fmt.Errorf("reading template %s: %w", own.ID, err)
		}
		if p.d.Sample && !hasField(t, "sample") {
			t, own.ID = nil, ""
		}
	}
	if t == nil {
		if t, err = p.room.builtIn(p.l, lang); err != nil {
			return nil, "", err
		}
	}
	p.made[lang], p.which[lang] = t, own.ID
	return t, own.ID, nil
}

// letter makes the letter for an addressee.
func (p *press) letter(tx *store.Tx, x addressee) ([]byte, error) {
	t, _, err := p.template(tx, x.lang())
	if err != nil {
		return nil, err
	}
	if err := p.room.addDecision(tx, p.d, &x); err != nil {
		return nil, err
	}
	return fill(t, p.room.letterValues(p.d, p.l, x, p.room.o.Clock()))
}

func hasField(t *docx.Template, name string) bool {
	return slices.ContainsFunc(t.Fields(), func(f docx.Field) bool { return f.Name == name })
}

// fileName names the file of a letter so that two of one name are told apart and no character troubles a disk.
func fileName(l Letter, x addressee) string {
	var b strings.Builder
	for _, c := range foldName(x.body() + " " + x.name()) {
		switch {
		case c == ' ':
			b.WriteByte('-')
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			b.WriteRune(c)
		}
		if b.Len() >= 60 {
			break
		}
	}
	return cmp.Or(strings.Trim(b.String(), "-"), string(l)) + "-" + x.id()[:min(6, len(x.id()))] + ".docx"
}
