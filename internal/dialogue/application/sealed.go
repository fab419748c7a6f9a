package application

import (
	"bytes"
	"fmt"
	"strings"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/seal"
	"rostrum.example/internal/store"
)

// recipients are those who can open what is sealed for a call.
func recipients(call *cycle.Call) (seal.Recipients, error) {
	var list []seal.Recipient
	for _, key := range call.Recipients {
		r, err := seal.ParseRecipient(key)
		if err != nil {
			return seal.Recipients{}, fmt.Errorf("reading the keys of call %s: %w", call.ID, err)
		}
		list = append(list, r)
	}
	return seal.NewRecipients(list...)
}

// sealed is an answer to be sealed: its question, and its values.
type sealedAnswer struct {
	id, label string
	values    []string
}

// sealAnswers seals answers to the recipients of a call, as one envelope of the given size before encryption. The size
// depends on the questions alone, so that the file does not tell who wrote much and who nothing.
func (room *Room) sealAnswers(call *cycle.Call, kind, subject string, answers []sealedAnswer, size int) ([]byte, error) {
	to, err := recipients(call)
	if err != nil {
		return nil, err
	}
	record := seal.Record{Kind: kind, Org: string(room.o.Org), Subject: subject}
	for _, a := range answers {
		var value any = strings.Join(a.values, "\n")
		if len(a.values) > 1 {
			value = a.values
		}
		hidden, err := seal.NewSecret(value)
		if err != nil {
			return nil, err
		}
		record.Fields = append(record.Fields, seal.Field{ID: a.id, Label: a.label, Value: hidden})
	}
	text, err := record.Reveal()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w, err := seal.NewWriter(&b, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(append(text, bytes.Repeat([]byte(" "), max(size, 1024, len(text))-len(text))...)); err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	return b.Bytes(), nil
}

// room for the answer to a question in an envelope: JSON writes a character in at most six bytes.
func space(q mechanism.Field) int {
	const around = 400 // id, label and marks
	switch q.Kind {
	case mechanism.FieldLine, mechanism.FieldLines, mechanism.FieldLink:
		return around + 6*most(q)
	case mechanism.FieldLinks:
		return around + 6*most(q)*maxLink
	case mechanism.FieldYesNo, mechanism.FieldCountry, mechanism.FieldEmail, mechanism.FieldChoice:
		return around + 6*254
	}
	return around + 80*most(q)
}

// envelopeSize is the size of the sealed answers of every application to one form.
func (f *form) envelopeSize() int {
	n := 400
	for _, q := range f.sealed() {
		n += space(q)
	}
	return min(n, seal.MaxRecord)
}

const sealedKeep = `
	update application
	set sealed = $1, sealed_at = $2
	where org = $3 and id = $4`

// keepSealed seals the answers of an application and keeps the envelope in place of the one before. Questions without
// an answer stand in it too.
func (room *Room) keepSealed(tx *store.Tx, call *cycle.Call, a *Application, typed Answers) error {
	var answers []sealedAnswer
	for _, q := range room.form.sealed() {
		one := sealedAnswer{q.ID, q.Label.In("en").Text, typed.All(q.ID)}
		for _, person := range typed[q.ID].Persons {
			var lines []string
			for _, sub := range q.Fields {
				if person[sub.ID] != "" {
					lines = append(lines, sub.Label.In("en").Text+": "+person[sub.ID])
				}
			}
			one.values = append(one.values, strings.Join(lines, "\n"))
		}
		answers = append(answers, one)
	}
	envelope, err := room.sealAnswers(call, "application", string(a.ID), answers, room.form.envelopeSize())
	if err != nil {
		return err
	}
	a.SealedAt = room.o.Clock()
	_, err = tx.Exec(sealedKeep, envelope, store.Micros(a.SealedAt), room.o.Org, a.ID)
	return err
}
