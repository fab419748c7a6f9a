package text

import (
	"errors"
	"strconv"

	"rostrum.example/internal/locale"
)

// Severity says whether a finding keeps a document from being published.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// What lints find.
const (
	EmptyBlock           Code = "empty_block"
	PointWithoutCitation Code = "point_without_citation"
	SourceUnknown        Code = "source_unknown"   // nobody knows the source, or not this version of it
	SourceWithdrawn      Code = "source_withdrawn" // its text was withdrawn from the public record
	SourceNotQuotable    Code = "source_not_quotable"
	QuotationNotFound    Code = "quotation_not_found"
	QuotationAmbiguous   Code = "quotation_ambiguous"
	OmissionWithout      Code = "omission_without_reason"
	CitedAndOmitted      Code = "cited_and_omitted"
	CitedTwice           Code = "cited_twice"
	WithoutActor         Code = "recommendation_without_actor"
	WithoutMeasure       Code = "recommendation_without_measure"
	WithoutDate          Code = "recommendation_without_date"
	WithoutOwner         Code = "block_without_owner"
	SectionEmpty         Code = "section_empty"
	SectionUntitled      Code = "section_without_heading"
	TranslationMissing   Code = "translation_missing"
	TranslationBehind    Code = "translation_behind"
	TranslationMachine   Code = "translation_machine"
)

// Finding is something in a document that is wrong or should be looked at.
type Finding struct {
	Severity Severity   `json:"severity"`
	Code     Code       `json:"code"`
	Section  SectionID  `json:"section,omitempty"`
	Block    BlockID    `json:"block,omitempty"`
	Citation CitationID `json:"citation,omitempty"`
	// Source is set for what is about a source or its omission.
	Source string      `json:"source,omitempty"`
	Lang   locale.Lang `json:"lang,omitempty"`
	// Values fill the placeholders of the message.
	Values map[string]string `json:"values,omitempty"`
	// Near is, of a quotation that was not found, what the source has instead.
	Near string `json:"near,omitempty"`
}

// Quotable is the text that a citation quotes, in its version and language.
type Quotable struct {
	Text string
	// Gist tells that the text is not the source's own words and cannot be quoted.
	Gist bool
}

// Why a source gives no text; a [SourceText] wraps one of them.
var (
	ErrNoSource        = errors.New("there is no such source")
	ErrSourceWithdrawn = errors.New("the source's text was withdrawn")
)

// SourceText gives what a citation quotes. It is asked once for each source, version and language.
type SourceText func(Citation) (Quotable, error)

// lint is a document being looked at.
type lint struct {
	doc    *Document
	langs  []locale.Lang
	source func(Citation) (Quotable, error)
	found  []Finding
}

// rule looks at one kind of thing. Each code is found by one rule alone.
type rule struct {
	code     Code
	severity Severity
	block    func(*lint, *Block, func(Finding))
	section  func(*lint, *Section, func(Finding))
	document func(*lint, func(Finding))
}

var rules = []rule{
	{code: EmptyBlock, severity: Error, block: func(l *lint, b *Block, tell func(Finding)) {
		if b.Text[l.doc.Lang].Text == "" {
			tell(Finding{Lang: l.doc.Lang})
		}
	}},
	{code: PointWithoutCitation, severity: Error, block: func(_ *lint, b *Block, tell func(Finding)) {
		if b.Kind == Point && len(b.Citations) == 0 {
			tell(Finding{})
		}
	}},
	{code: SourceUnknown, severity: Error, block: eachSource(func(_ Quotable, err error) bool {
		return err != nil && !errors.Is(err, ErrSourceWithdrawn)
	})},
	{code: SourceWithdrawn, severity: Error, block: eachSource(func(_ Quotable, err error) bool { return errors.Is(err, ErrSourceWithdrawn) })},
	{code: SourceNotQuotable, severity: Error, block: eachSource(func(q Quotable, err error) bool { return err == nil && q.Gist })},
	{code: QuotationNotFound, severity: Error, block: eachQuotation(NotFound)},
	{code: QuotationAmbiguous, severity: Error, block: eachQuotation(Ambiguous)},
	{code: OmissionWithout, severity: Error, document: func(l *lint, tell func(Finding)) {
		for _, o := range l.doc.Omissions {
			if o.Reason[l.doc.Lang].Text == "" {
				tell(Finding{Source: o.Source, Lang: l.doc.Lang})
			}
		}
	}},
	{code: CitedAndOmitted, severity: Warning, document: func(l *lint, tell func(Finding)) {
		cited := map[string]BlockID{}
		l.doc.Each(func(_ *Section, b *Block) bool {
			for _, q := range b.Citations {
				cited[q.Source] = b.ID
			}
			return true
		})
		for _, o := range l.doc.Omissions {
			if b, ok := cited[o.Source]; ok {
				tell(Finding{Block: b, Source: o.Source})
			}
		}
	}},
	{code: CitedTwice, severity: Warning, block: func(_ *lint, b *Block, tell func(Finding)) {
		seen := map[Citation]bool{}
		for _, q := range b.Citations {
			key := q
			key.ID, key.Entry = "", ""
			if seen[key] {
				tell(Finding{Citation: q.ID, Source: q.Source})
			}
			seen[key] = true
		}
	}},
	{code: WithoutActor, severity: Warning, block: eachAsk(func(a *Asks, lang locale.Lang) bool { return a.Actor[lang].Text == "" })},
	{code: WithoutMeasure, severity: Warning, block: eachAsk(func(a *Asks, lang locale.Lang) bool { return a.Measure[lang].Text == "" })},
	{code: WithoutDate, severity: Warning, block: eachAsk(func(a *Asks, _ locale.Lang) bool { return a.Date == "" })},
	{code: WithoutOwner, severity: Warning, block: func(_ *lint, b *Block, tell func(Finding)) {
		if b.Kind != Paragraph && b.Owner == "" {
			tell(Finding{})
		}
	}},
	{code: SectionEmpty, severity: Warning, section: func(_ *lint, s *Section, tell func(Finding)) {
		if len(s.Blocks) == 0 {
			tell(Finding{})
		}
	}},
	{code: SectionUntitled, severity: Warning, section: func(l *lint, s *Section, tell func(Finding)) {
		if s.Heading[l.doc.Lang].Text == "" {
			tell(Finding{Lang: l.doc.Lang})
		}
	}},
	{code: TranslationMissing, severity: Warning, block: func(l *lint, b *Block, tell func(Finding)) {
		for _, lang := range l.langs {
			if lang != l.doc.Lang && b.Text[lang].Text == "" {
				tell(Finding{Lang: lang})
			}
		}
	}},
	{code: TranslationBehind, severity: Warning, block: func(l *lint, b *Block, tell func(Finding)) {
		for _, lang := range b.Text.Langs() {
			if b.Text.Behind(lang, l.doc.Lang) {
				tell(Finding{Lang: lang})
			}
		}
	}},
	{code: TranslationMachine, severity: Warning, block: func(l *lint, b *Block, tell func(Finding)) {
		for _, lang := range b.Text.Langs() {
			if b.Text[lang].Status == Machine && b.Text[lang].Text != "" {
				tell(Finding{Lang: lang})
			}
		}
	}},
}

func eachSource(is func(Quotable, error) bool) func(*lint, *Block, func(Finding)) {
	return func(l *lint, b *Block, tell func(Finding)) {
		for _, q := range b.Citations {
			if is(l.source(q)) {
				tell(Finding{Citation: q.ID, Source: q.Source, Lang: q.Lang})
			}
		}
	}
}

func eachQuotation(is Outcome) func(*lint, *Block, func(Finding)) {
	return func(l *lint, b *Block, tell func(Finding)) {
		for _, q := range b.Citations {
			s, err := l.source(q)
			if err != nil || s.Gist {
				continue
			}
			m := Find(s.Text, q.Quote)
			if m.Outcome != is {
				continue
			}
			f := Finding{Citation: q.ID, Source: q.Source, Lang: q.Lang, Values: map[string]string{"Quote": clip(q.Quote.Exact, 120)}}
			if n := len(m.Places); n > 0 {
				f.Values["N"] = strconv.Itoa(n)
			}
			if m.Near != nil {
				f.Near = clip(s.Text[m.Near.Start:m.Near.End], 2*MaxName)
			}
			tell(f)
		}
	}
}

func eachAsk(is func(*Asks, locale.Lang) bool) func(*lint, *Block, func(Finding)) {
	return func(l *lint, b *Block, tell func(Finding)) {
		if b.Kind != Recommendation {
			return
		}
		asks := b.Asks
		if asks == nil {
			asks = &Asks{}
		}
		if is(asks, l.doc.Lang) {
			tell(Finding{})
		}
	}
}

// Lint looks for what is wrong with a document before it is published, in reading order; langs are the languages that
// it is to have. Findings about the document as a whole come last.
func Lint(d *Document, langs []locale.Lang, source SourceText) []Finding {
	type answer struct {
		q   Quotable
		err error
	}
	known := map[Citation]answer{}
	l := &lint{doc: d, langs: langs}
	l.source = func(c Citation) (Quotable, error) {
		key := Citation{Entry: c.Entry, Source: c.Source, Version: c.Version, Lang: c.Lang}
		a, ok := known[key]
		if !ok {
			a.q, a.err = source(c)
			known[key] = a
		}
		return a.q, a.err
	}
	tell := func(r *rule, s SectionID, b BlockID) func(Finding) {
		return func(f Finding) {
			f.Severity, f.Code, f.Section = r.severity, r.code, s
			if b != "" {
				f.Block = b
			}
			l.found = append(l.found, f)
		}
	}
	for i := range d.Sections {
		s := &d.Sections[i]
		for k := range rules {
			if r := &rules[k]; r.section != nil {
				r.section(l, s, tell(r, s.ID, ""))
			}
		}
		for j := range s.Blocks {
			b := &s.Blocks[j]
			for k := range rules {
				if r := &rules[k]; r.block != nil {
					r.block(l, b, tell(r, s.ID, b.ID))
				}
			}
		}
	}
	for k := range rules {
		if r := &rules[k]; r.document != nil {
			r.document(l, tell(r, "", ""))
		}
	}
	return l.found
}

// LintCodes lists the codes of all rules in their order, for those who translate them.
func LintCodes() []Code {
	var all []Code
	for _, r := range rules {
		all = append(all, r.code)
	}
	return all
}

// Errors tells whether one of the findings keeps the document from being published.
func Errors(found []Finding) bool {
	for _, f := range found {
		if f.Severity == Error {
			return true
		}
	}
	return false
}
