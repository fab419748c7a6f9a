// Package locale keeps every word that the program says, in every language it speaks.
//
// A catalogue is a folder with one go-i18n file for each language (en.json, fr.json, ar.json) and a
// status.json that says who stands behind the words: official, reviewed, or machine. Each part of the
// program that has pages brings its own catalogue. A key that is missing in one language is an error when
// the catalogues are joined, so it cannot reach a reader.
package locale

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// Lang is a language that the program speaks, as its BCP 47 tag.
type Lang string

// The languages of the first pages; English is the one that the others are translated from.
const (
	English Lang = "en"
	French  Lang = "fr"
	Arabic  Lang = "ar"
)

// Langs lists the languages in the order in which they are offered.
var Langs = []Lang{English, French, Arabic}

// Name is what the language calls itself.
func (l Lang) Name() string {
	switch l {
	case French:
		return "Français"
	case Arabic:
		return "العربية"
	}
	return "English"
}

// Dir is the direction of the language's writing, as the HTML attribute dir wants it.
func (l Lang) Dir() string {
	if l == Arabic {
		return "rtl"
	}
	return "ltr"
}

// Known tells whether the program speaks the language.
func (l Lang) Known() bool { return slices.Contains(Langs, l) }

type contextKey struct{}

// With gives a context that knows in which language its reader is answered.
func With(ctx context.Context, l Lang) context.Context {
	return context.WithValue(ctx, contextKey{}, l)
}

// Of tells in which language the reader of a context is answered; English where nobody said.
func Of(ctx context.Context) Lang {
	if l, ok := ctx.Value(contextKey{}).(Lang); ok {
		return l
	}
	return English
}

// Status says who stands behind a translation.
type Status string

// The statuses of a text, from strongest to weakest. Editors are the people who keep the instance: their own
// words, no translation.
const (
	Official Status = "official"
	Reviewed Status = "reviewed"
	Machine  Status = "machine"
)

//go:embed catalogue
var own embed.FS

// Catalogues are the joined catalogues of the whole program. They never change, so any goroutine may read.
type Catalogues struct {
	matcher language.Matcher
	byLang  map[Lang]*catalogue
	keys    map[string]bool
}

type catalogue struct {
	localizer *i18n.Localizer
	printer   *message.Printer
	status    map[string]Status
	machine   bool
}

// statusFile is status.json: the status of a language's strings, and of single keys where it differs.
type statusFile map[Lang]struct {
	Default Status            `json:"default"`
	Keys    map[string]Status `json:"keys,omitempty"`
}

// New joins the catalogues of the parts given with the ones of this package. Each part is a file system that
// holds the folder "catalogue".
func New(parts ...fs.FS) (*Catalogues, error) {
	bundle := i18n.NewBundle(language.English)
	c := &Catalogues{byLang: map[Lang]*catalogue{}, keys: map[string]bool{}}
	have := map[Lang]map[string]bool{}
	for _, l := range Langs {
		// Arabic pages use the digits 0 to 9, as the United Nations' own Arabic pages do.
		c.byLang[l] = &catalogue{
			printer: message.NewPrinter(language.MustParse(string(l) + "-u-nu-latn")),
			status:  map[string]Status{},
		}
		have[l] = map[string]bool{}
	}
	for _, part := range append([]fs.FS{own}, parts...) {
		if err := c.add(bundle, part, have); err != nil {
			return nil, fmt.Errorf("reading the catalogues: %w", err)
		}
	}
	var tags []language.Tag
	for _, l := range Langs {
		tags = append(tags, language.MustParse(string(l)))
		c.byLang[l].localizer = i18n.NewLocalizer(bundle, string(l))
		maps.Copy(c.keys, have[l])
	}
	for _, l := range Langs {
		for key := range c.keys {
			if !have[l][key] {
				return nil, fmt.Errorf("reading the catalogues: %q is missing in %s", key, l)
			}
		}
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

func (c *Catalogues) add(bundle *i18n.Bundle, part fs.FS, have map[Lang]map[string]bool) error {
	raw, err := fs.ReadFile(part, "catalogue/status.json")
	if err != nil {
		return err
	}
	var status statusFile
	if err := json.Unmarshal(raw, &status); err != nil {
		return fmt.Errorf("catalogue/status.json: %w", err)
	}
	for _, l := range Langs {
		name := "catalogue/" + string(l) + ".json"
		raw, err := fs.ReadFile(part, name)
		if err != nil {
			return err
		}
		file, err := bundle.ParseMessageFileBytes(raw, name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for _, m := range file.Messages {
			if have[l][m.ID] {
				return fmt.Errorf("%s: %q stands in two catalogues", name, m.ID)
			}
			have[l][m.ID] = true
			s := status[l].Default
			if one, ok := status[l].Keys[m.ID]; ok {
				s = one
			}
			switch s {
			case Official, Reviewed:
			case Machine:
				c.byLang[l].machine = true
			default:
				return fmt.Errorf("catalogue/status.json: %s of %q is %q; it must be official, reviewed or machine", l, m.ID, s)
			}
			c.byLang[l].status[m.ID] = s
		}
	}
	return nil
}

// Has tells whether the key stands in the catalogues.
func (c *Catalogues) Has(key string) bool { return c.keys[key] }

// Status tells who stands behind one string.
func (c *Catalogues) Status(l Lang, key string) Status { return c.byLang[l].status[key] }

// AnyMachine tells whether a language has strings that nobody has reviewed.
func (c *Catalogues) AnyMachine(l Lang) bool { return c.byLang[l].machine }

// Match picks the language for a request's Accept-Language header.
func (c *Catalogues) Match(accept string) Lang {
	if len(accept) > 400 {
		accept = accept[:400]
	}
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return English
	}
	_, i, confidence := c.matcher.Match(tags...)
	if confidence == language.No {
		return English
	}
	return Langs[i]
}

// Text gives the string of a key. The arguments are pairs of a name and a value for the placeholders. A key
// that does not exist is a mistake of the program and is shown as it stands; the tests find it.
func (c *Catalogues) Text(l Lang, key string, pairs ...any) string {
	return c.localize(l, &i18n.LocalizeConfig{MessageID: key, TemplateData: c.data(l, pairs)})
}

// Count gives the string of a key in the plural form for n; the placeholder {{.N}} is the number as written
// in the language.
func (c *Catalogues) Count(l Lang, key string, n int, pairs ...any) string {
	data := c.data(l, pairs)
	data["N"] = c.Number(l, n)
	return c.localize(l, &i18n.LocalizeConfig{MessageID: key, PluralCount: n, TemplateData: data})
}

func (c *Catalogues) localize(l Lang, config *i18n.LocalizeConfig) string {
	text, err := c.byLang[l].localizer.Localize(config)
	if err != nil {
		return config.MessageID
	}
	return text
}

func (c *Catalogues) data(l Lang, pairs []any) map[string]any {
	data := make(map[string]any, len(pairs)/2+1)
	for i := 0; i+1 < len(pairs); i += 2 {
		value := pairs[i+1]
		if n, ok := value.(int); ok {
			value = c.Number(l, n)
		}
		data[fmt.Sprint(pairs[i])] = value
	}
	return data
}

// Number writes a whole number as the language groups its digits.
func (c *Catalogues) Number(l Lang, n int) string {
	return c.byLang[l].printer.Sprint(number.Decimal(n))
}

// List joins words as the language does: "a, b and c".
func (c *Catalogues) List(l Lang, words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	comma := c.Text(l, "locale.comma")
	last := len(words) - 1
	return strings.Join(words[:last], comma) + c.Text(l, "locale.and") + words[last]
}

// Country gives the name of a country or area by its ISO 3166-1 code; a code that is not known stands for
// itself.
func (c *Catalogues) Country(l Lang, code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	if name := display.Regions(language.MustParse(string(l))).Name(region); name != "" {
		return name
	}
	return code
}
