package text

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
)

// PublishedFormat names the format of docs/formats/text.md.
const PublishedFormat = "rostrum-text/1"

// Published is a version as it is published.
type Published struct {
	Format     string               `json:"format"`
	ID         DocumentID           `json:"id"`
	Kind       string               `json:"kind"`
	Address    string               `json:"address,omitempty"`
	Version    int                  `json:"version"`
	Published  time.Time            `json:"published"`
	Language   locale.Lang          `json:"language"`
	Sample     bool                 `json:"sample,omitempty"`
	Title      Words                `json:"title"`
	Sections   []PublishedSection   `json:"sections"`
	Coverage   *Coverage            `json:"coverage,omitempty"`
	Signatures []PublishedSignature `json:"signatures,omitempty"`
}

// PublishedSection is a section of a published version.
type PublishedSection struct {
	ID      SectionID        `json:"id"`
	Topic   string           `json:"topic,omitempty"`
	Heading Words            `json:"heading,omitempty"`
	Blocks  []PublishedBlock `json:"blocks"`
}

// PublishedBlock is a block of a published version.
type PublishedBlock struct {
	ID        BlockID      `json:"id"`
	Kind      BlockKind    `json:"kind"`
	Topics    []string     `json:"topics,omitempty"`
	Text      Words        `json:"text"`
	Citations []Annotation `json:"citations,omitempty"`
	Asks      *Asks        `json:"asks,omitempty"`
}

// Annotation is a citation in the W3C Web Annotation Data Model.
type Annotation struct {
	Context    string           `json:"@context"`
	ID         string           `json:"id"`
	Type       string           `json:"type"`
	Motivation string           `json:"motivation"`
	Body       string           `json:"body"`
	Target     AnnotationTarget `json:"target"`

	Source        string      `json:"source"`
	SourceVersion string      `json:"source_version,omitempty"`
	Entry         ledger.ID   `json:"entry,omitempty"`
	Language      locale.Lang `json:"language"`
}

// AnnotationTarget is what an annotation is about.
type AnnotationTarget struct {
	Source   string            `json:"source"`
	Selector TextQuoteSelector `json:"selector"`
}

// TextQuoteSelector is a [Selector] with its type.
type TextQuoteSelector struct {
	Type string `json:"type"`
	Selector
}

// PublishedSignature says who signed the version.
type PublishedSignature struct {
	Name     string    `json:"name"`
	Capacity string    `json:"capacity,omitempty"`
	At       time.Time `json:"at"`
}

// What an annotation says of itself.
const (
	annotationContext = "http://www.w3.org/ns/anno.jsonld"
	annotationType    = "Annotation"
	motivation        = "linking"
	selectorType      = "TextQuoteSelector"
)

// Publish puts a version into the form in which it is published. source gives the address of a citation's source, nil or
// empty where there is none; signatures that were withdrawn or are of another version are left out.
func Publish(d *Document, version int, at time.Time, address string, source func(Citation) string, coverage *Coverage, signed []Signature) *Published {
	p := &Published{
		Format: PublishedFormat, ID: d.ID, Kind: d.Kind, Address: address, Version: version, Published: at.UTC().Truncate(time.Second),
		Language: d.Lang, Sample: d.Sample, Title: d.Title, Sections: []PublishedSection{}, Coverage: coverage,
	}
	for _, s := range d.Sections {
		section := PublishedSection{ID: s.ID, Topic: s.Topic, Heading: s.Heading, Blocks: []PublishedBlock{}}
		for _, b := range s.Blocks {
			block := PublishedBlock{ID: b.ID, Kind: b.Kind, Topics: b.Topics, Text: b.Text, Asks: b.Asks}
			for _, q := range b.Citations {
				target := ""
				if source != nil {
					target = source(q)
				}
				if target == "" {
					target = q.Source
				}
				block.Citations = append(block.Citations, Annotation{
					Context: annotationContext, ID: "#" + string(q.ID), Type: annotationType, Motivation: motivation, Body: "#" + string(b.ID),
					Target: AnnotationTarget{target, TextQuoteSelector{selectorType, q.Quote}},
					Source: q.Source, SourceVersion: q.Version, Entry: q.Entry, Language: q.Lang,
				})
			}
			section.Blocks = append(section.Blocks, block)
		}
		p.Sections = append(p.Sections, section)
	}
	for _, s := range signed {
		if s.Version == version && s.Withdrawn.IsZero() {
			p.Signatures = append(p.Signatures, PublishedSignature{s.By.Name, s.Capacity, s.At.UTC().Truncate(time.Second)})
		}
	}
	return p
}

// Document gives the document that was published, with the omissions of its coverage account.
func (p *Published) Document() *Document {
	d := &Document{ID: p.ID, Kind: p.Kind, Lang: p.Language, Title: p.Title, Sample: p.Sample, Sections: []Section{}}
	for _, s := range p.Sections {
		section := Section{ID: s.ID, Topic: s.Topic, Heading: s.Heading, Blocks: []Block{}}
		for _, b := range s.Blocks {
			block := Block{ID: b.ID, Kind: b.Kind, Topics: b.Topics, Text: b.Text, Asks: b.Asks}
			for _, a := range b.Citations {
				block.Citations = append(block.Citations, Citation{
					ID: CitationID(strings.TrimPrefix(a.ID, "#")), Entry: a.Entry, Source: a.Source, Version: a.SourceVersion, Lang: a.Language, Quote: a.Target.Selector.Selector,
				})
			}
			section.Blocks = append(section.Blocks, block)
		}
		d.Sections = append(d.Sections, section)
	}
	if p.Coverage != nil {
		for _, a := range p.Coverage.Sources {
			if a.Fate == Omitted {
				d.Omissions = append(d.Omissions, Omission{a.ID, a.Reason})
			}
		}
	}
	return d
}

// ReadPublished reads a published version and refuses what the format does not allow.
func ReadPublished(data []byte) (*Published, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	p := &Published{}
	if err := dec.Decode(p); err != nil {
		return nil, fmt.Errorf("reading a published text: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("reading a published text: something follows it")
	}
	if p.Format != PublishedFormat {
		return nil, fmt.Errorf("reading a published text: its format is %q, not %s", clip(p.Format, 40), PublishedFormat)
	}
	if p.Version < 1 {
		return nil, errors.New("reading a published text: it has no version")
	}
	for _, s := range p.Sections {
		for _, b := range s.Blocks {
			for _, a := range b.Citations {
				if a.Context != annotationContext || a.Type != annotationType || a.Motivation != motivation || a.Body != "#"+string(b.ID) ||
					!strings.HasPrefix(a.ID, "#") || a.Target.Selector.Type != selectorType || a.Target.Source == "" {
					return nil, fmt.Errorf("reading a published text: citation %s of block %s is no annotation", clip(a.ID, 40), clip(string(b.ID), 40))
				}
			}
		}
	}
	if err := p.Document().Check(); err != nil {
		return nil, fmt.Errorf("reading a published text: %w", err)
	}
	return p, nil
}
