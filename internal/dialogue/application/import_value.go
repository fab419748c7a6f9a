package application

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/unicode/norm"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/party"
)

// fold writes a word as words are compared: without case, accents, vowel signs and punctuation.
func fold(s string) string {
	var b strings.Builder
	for _, c := range norm.NFKD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, c) || c == 'ـ':
		case unicode.IsLetter(c) || unicode.IsDigit(c):
			b.WriteRune(c)
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// dictionary knows what forms of other programs call things, by fold.
type dictionary struct {
	places, tongues map[string]string
}

// places that forms call otherwise than the lists of this program.
var otherNames = map[string]string{
	"usa": "US", "us": "US", "u s a": "US", "united states of america": "US", "uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB",
	"united kingdom of great britain and northern ireland": "GB", "ivory coast": "CI", "cote d ivoire": "CI", "drc": "CD", "dr congo": "CD",
	"democratic republic of the congo": "CD", "republic of the congo": "CG", "congo": "CG", "czech republic": "CZ", "holland": "NL", "the netherlands": "NL",
	"russia": "RU", "russian federation": "RU", "south korea": "KR", "republic of korea": "KR", "north korea": "KP", "syria": "SY", "syrian arab republic": "SY",
	"iran islamic republic of": "IR", "islamic republic of iran": "IR", "viet nam": "VN", "turkey": "TR", "turkiye": "TR", "turquie": "TR", "burma": "MM", "cape verde": "CV",
	"swaziland": "SZ", "macedonia": "MK", "moldova": "MD", "republic of moldova": "MD", "tanzania": "TZ", "united republic of tanzania": "TZ",
	"bolivia plurinational state of": "BO", "venezuela bolivarian republic of": "VE", "palestine": "PS", "state of palestine": "PS", "فلسطين": "PS",
	"laos": "LA", "brunei": "BN", "east timor": "TL", "timor leste": "TL", "vatican": "VA", "holy see": "VA", "the gambia": "GM", "bosnia": "BA",
	"emirats arabes unis": "AE", "uae": "AE", "ksa": "SA", "etats unis": "US", "etats unis d amerique": "US", "royaume uni": "GB", "world": "001", "worldwide": "001",
	"global": "001", "monde": "001", "monde entier": "001", "العالم": "001", "south east asia": "035", "southeast asia": "035", "middle east": "145",
}

func newDictionary(c *locale.Catalogues) *dictionary {
	d := &dictionary{places: map[string]string{}, tongues: map[string]string{}}
	for _, lang := range locale.Langs {
		for _, code := range strings.Fields(countryCodes + " " + wideRegions + " " + regionCodes) {
			d.places[fold(c.Country(lang, code))] = code
			d.places[fold(code)] = code
		}
		tongues := display.Languages(language.MustParse(string(lang)))
		for _, code := range strings.Fields(officialLanguages + " " + otherLanguages) {
			tag := language.MustParse(code)
			d.tongues[fold(tongues.Name(tag))] = code
			d.tongues[fold(display.Self.Name(tag))] = code
			d.tongues[code] = code
		}
	}
	for name, code := range otherNames {
		d.places[fold(name)] = code
	}
	delete(d.tongues, "")
	return d
}

// The words for yes and no, as forms of other programs write them.
var (
	yesWords = []string{"yes", "y", "true", "1", "x", "oui", "o", "vrai", "نعم", "صحيح", "si", "да", "是"}
	noWords  = []string{"no", "n", "false", "0", "non", "faux", "لا", "خطا", "нет", "否", "none"}
)

// understand gives the values of a cell for a question, and what of it was not understood.
func (room *Room) understand(q mechanism.Field, text string, c *call) (values, unknown []string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	if q.Kind == mechanism.FieldLines {
		line, ok := cleanLines(text)
		return []string{line}, unclear(ok, line)
	}
	if single(q.Kind) {
		line, ok := cleanLine(text)
		if code, found := room.meaning(q, line, c); found {
			return []string{code}, unclear(ok, line)
		}
		return nil, []string{line}
	}
	for _, piece := range pieces(text, func(s string) bool { _, ok := room.meaning(q, s, c); return ok }) {
		if code, found := room.meaning(q, piece, c); found {
			if !slices.Contains(values, code) {
				values = append(values, code)
			}
		} else {
			unknown = append(unknown, piece)
		}
	}
	return values, unknown
}

func unclear(ok bool, s string) []string {
	if ok {
		return nil
	}
	return []string{s}
}

// pieces takes a cell with several choices apart: by semicolons and lines, and where a piece is not known as it stands,
// by commas.
func pieces(text string, known func(string) bool) (all []string) {
	add := func(list []string) {
		for _, s := range list {
			if s, _ = cleanLine(s); s != "" {
				all = append(all, s)
			}
		}
	}
	for _, part := range strings.FieldsFunc(text, func(c rune) bool { return c == ';' || c == '\n' || c == '؛' || c == '|' }) {
		clean, _ := cleanLine(part)
		if known(clean) {
			add([]string{clean})
			continue
		}
		// A label may hold commas itself: as many pieces as are known together are one.
		parts := strings.FieldsFunc(part, func(c rune) bool { return c == ',' || c == '،' })
		for i := 0; i < len(parts); i++ {
			taken := 1
			for n := min(len(parts)-i, 6); n > 1; n-- {
				if joined, _ := cleanLine(strings.Join(parts[i:i+n], ",")); known(joined) {
					taken = n
					break
				}
			}
			add([]string{strings.Join(parts[i:i+taken], ",")})
			i += taken - 1
		}
	}
	return all
}

// meaning gives the value that a word stands for.
func (room *Room) meaning(q mechanism.Field, word string, c *call) (string, bool) {
	folded := fold(word)
	switch q.Kind {
	case mechanism.FieldYesNo:
		switch {
		case slices.Contains(yesWords, folded):
			return yes, true
		case slices.Contains(noWords, folded):
			return no, true
		}
		// Forms often let people choose a whole sentence: "Yes, we need a letter".
		if first, _, _ := strings.Cut(folded, " "); slices.Contains([]string{"yes", "oui", "نعم"}, first) {
			return yes, true
		} else if slices.Contains([]string{"no", "non", "لا"}, first) {
			return no, true
		}
		return "", false
	case mechanism.FieldChoice, mechanism.FieldChoices:
		for _, o := range q.Choices {
			if folded == fold(o.ID) || folded == fold(strings.ReplaceAll(o.ID, "_", " ")) {
				return o.ID, true
			}
			for _, name := range o.Name {
				if folded == fold(name.Text) {
					return o.ID, true
				}
			}
		}
		return "", false
	case mechanism.FieldCountry, mechanism.FieldCountries:
		code, ok := room.words.places[folded]
		return code, ok && (isCountry(code) || q.Kind == mechanism.FieldCountries)
	case mechanism.FieldLanguages:
		code, ok := room.words.tongues[folded]
		return code, ok
	case mechanism.FieldLink, mechanism.FieldLinks:
		link := tidy(q.Kind, word)
		return link, checkLink(link)
	case mechanism.FieldEmail:
		email, err := party.ParseEmail(word)
		return string(email), err == nil
	case mechanism.FieldDialogues:
		if folded == "" {
			return "", false
		}
		for _, d := range c.dialogues {
			if folded == fold(string(d.ID)) {
				return string(d.ID), true
			}
			for _, title := range d.Title {
				if t := fold(title.Text); t != "" && (folded == t || strings.Contains(folded, t) || strings.Contains(t, folded) && utf8.RuneCountInString(folded) > 8) {
					return string(d.ID), true
				}
			}
		}
		return "", false
	}
	return word, word != ""
}

// moments are the ways in which exports write when a form was sent, the unambiguous ones.
var moments = []string{
	time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly,
	"2006/01/02 3:04:05 PM MST", "2006/01/02 3:04:05 PM", "2006/01/02 15:04:05", "2 January 2006 15:04", "2 January 2006, 15:04", "2 Jan 2006 15:04", "2 Jan 2006, 15:04", "2 January 2006",
}

// moment reads when a form was sent; what says no zone is meant in loc. Days and months in figures are only told apart
// where one of them is more than twelve.
func moment(text string, loc *time.Location) (time.Time, bool) {
	text = strings.TrimSpace(text)
	for _, layout := range moments {
		if t, err := time.ParseInLocation(layout, text, loc); err == nil {
			return t, true
		}
	}
	var found []time.Time
	for _, layout := range []string{"1/2/2006 15:04:05", "1/2/2006 15:04", "1/2/2006 3:04:05 PM", "1/2/06 15:04:05", "1/2/06 15:04", "1/2/2006",
		"2/1/2006 15:04:05", "2/1/2006 15:04", "2/1/2006 3:04:05 PM", "2/1/06 15:04:05", "2/1/06 15:04", "2/1/2006", "2.1.2006 15:04:05", "2.1.2006 15:04", "2.1.2006"} {
		if t, err := time.ParseInLocation(layout, text, loc); err == nil && !slices.ContainsFunc(found, t.Equal) {
			found = append(found, t)
		}
	}
	if len(found) != 1 {
		return time.Time{}, false
	}
	return found[0], true
}
