package application

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rostrum.example/format/mechanism"
	"rostrum.example/format/spreadsheet"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/store"
)

// Columns of an export that are no answers.
const (
	columnRow       = "import_row"       // what tells the rows apart
	columnSubmitted = "import_submitted" // when the form was sent
	columnState     = "import_state"     // of the registration in the other program
)

// importPersons is how many persons of a row are looked for.
const importPersons = 3

// synonyms are what Microsoft Forms, Google Forms and Indico call columns, and what convenors call them in forms of
// their own, beside the labels of the preset.
var synonyms = map[string][]string{
	columnRow:       {"ID", "Id", "Response ID", "Registration ID", "Numéro", "N°", "المعرف", "المعرّف"},
	columnSubmitted: {"Completion time", "Heure de fin", "وقت الإكمال", "Timestamp", "Horodateur", "Horodatage", "طابع زمني", "الطابع الزمني", "Registration date", "Submitted on", "Submission date", "Date d'inscription"},
	columnState:     {"State", "Status", "Registration state", "État", "Statut", "الحالة"},
	FieldEmail:      {"Email", "E-mail", "Email address", "E-mail address", "Adresse e-mail", "Adresse électronique", "Courriel", "Contact email", "البريد الإلكتروني", "عنوان البريد الإلكتروني"},
	FieldName:       {"Organisation", "Organization", "Name of organization", "Organization name", "Affiliation", "Institution", "Nom de l'organisation", "اسم المنظمة", "المنظمة", "الجهة"},
	FieldCountry:    {"Country", "Country of registration", "Pays", "البلد", "الدولة"},
	FieldType:       {"Type of organization", "Type of organisation", "Stakeholder type", "Organization type", "Type d'organisation", "نوع المنظمة"},
	FieldDialogue:   {"Dialogues", "Which dialogue", "Constructive dialogue", "Meeting", "Which meetings do you wish to attend?", "Dialogue", "الحوار"},
	FieldListing:    {"Listing consent", "May we publish your name?", "Consent to be listed"},
	FieldTopic:      {"Topic", "Speaking topic", "Thème"},
	"website":       {"Website", "Web site", "URL", "Site internet", "Site web", "الموقع الإلكتروني"},
	"acronym":       {"Abbreviation", "Sigle", "Acronyme"},
}

// persons' columns, for the first person without and for all with a number.
var personSynonyms = map[string][]string{
	PersonName:  {"Name", "Full name", "Nom", "Nom complet", "Participant", "Representative", "Name of representative", "Name of participant", "الاسم", "الاسم الكامل", "المشارك"},
	PersonEmail: {"Participant email", "Email of participant", "Representative email"},
	"function":  {"Position", "Title", "Job title", "Function", "Fonction", "Poste", "الوظيفة", "المنصب"},
	PersonMode:  {"Mode of participation", "Participation", "In person or online", "Mode de participation"},
}

// importFields are what columns of a spreadsheet can be.
func (room *Room) importFields() []spreadsheet.Field {
	var all []spreadsheet.Field
	for _, id := range []string{columnRow, columnSubmitted, columnState} {
		all = append(all, spreadsheet.Field{ID: id, Names: synonyms[id]})
	}
	for _, q := range room.form.fields {
		if q.Kind != mechanism.FieldPersons {
			all = append(all, spreadsheet.Field{ID: q.ID, Names: append(labels(q), synonyms[q.ID]...)})
			continue
		}
		for i := range min(importPersons, most(q)) {
			for _, sub := range q.Fields {
				names := append(labels(sub), personSynonyms[sub.ID]...)
				var numbered []string
				for _, name := range names {
					numbered = append(numbered, fmt.Sprintf("%s %d", name, i+1), fmt.Sprintf("Person %d %s", i+1, name), fmt.Sprintf("Participant %d %s", i+1, name))
				}
				if i == 0 && sub.ID != PersonEmail { // an address without more is the organisation's
					numbered = append(names, numbered...)
				} else if i == 0 {
					numbered = append(personSynonyms[sub.ID], numbered...)
				}
				all = append(all, spreadsheet.Field{ID: part(q.ID, i, sub.ID), Names: numbered})
			}
		}
	}
	return all
}

func labels(q mechanism.Field) (all []string) {
	for _, w := range q.Label {
		all = append(all, w.Text)
	}
	return all
}

// headerHash tells one form's columns from another's.
func headerHash(columns []spreadsheet.Column) []byte {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = fold(c.Name)
	}
	slices.Sort(names)
	sum := sha256.Sum256([]byte(strings.Join(names, "\x00")))
	return sum[:]
}

const (
	mappingQuery = `
		select mapping
		from application_mapping
		where org = $1 and call = $2 and header = $3`

	mappingKeep = `
		insert into application_mapping (org, call, header, mapping, changed)
		values ($1, $2, $3, $4, $5)
		on conflict (org, call, header) do update set
		  mapping = excluded.mapping, changed = excluded.changed`
)

// remembered gives the mapping with which columns of these names were taken in before; ok is false for none.
func (room *Room) remembered(tx *store.Tx, id cycle.CallID, columns []spreadsheet.Column) (m spreadsheet.Mapping, ok bool, err error) {
	var text string
	err = tx.QueryRow(mappingQuery, room.o.Org, id, headerHash(columns)).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return m, false, nil
	}
	if err != nil {
		return m, false, err
	}
	m, err = spreadsheet.ParseMapping([]byte(text))
	return m, err == nil, err
}

func (room *Room) keepMapping(tx *store.Tx, id cycle.CallID, columns []spreadsheet.Column, m spreadsheet.Mapping) error {
	text, err := encode(m)
	if err != nil {
		return err
	}
	_, err = tx.Exec(mappingKeep, room.o.Org, id, headerHash(columns), text, store.Micros(room.o.Clock()))
	return err
}
