package application

import (
	"slices"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// The room is a party.Holder: persons with an account find in their export the applications that write to their
// address or nominate them, and leave them when they withdraw.
var _ party.Holder = (*Room)(nil)

// Part names the room in the export.
func (room *Room) Part() string { return "applications" }

// heldFor is what an application keeps of one person.
type heldFor struct {
	Application ID                  `json:"application"`
	Contact     bool                `json:"contact,omitempty"`
	Nominated   []map[string]string `json:"nominated,omitempty"`
}

// ExportPerson gives the applications in which a person stands.
func (room *Room) ExportPerson(tx *store.Tx, p party.Person) (any, error) {
	all, err := room.applications(tx, applicationsKept, room.o.Org)
	if err != nil {
		return nil, err
	}
	var found []heldFor
	for _, a := range all {
		one := heldFor{Application: a.ID, Contact: a.Email != "" && a.Email.Key() == p.Email.Key()}
		room.nominated(a, func(person map[string]string, email string) bool {
			if email == p.Email.Key() {
				one.Nominated = append(one.Nominated, person)
			}
			return true
		})
		if one.Contact || len(one.Nominated) > 0 {
			found = append(found, one)
		}
	}
	if len(found) == 0 {
		return nil, nil
	}
	return found, nil
}

// nominated goes through the persons of an application, with the address of each as it is compared, and keeps those for
// whom keep says so. It tells whether somebody went.
func (room *Room) nominated(a *Application, keep func(person map[string]string, email string) bool) (went bool) {
	for _, q := range room.form.fields {
		if q.Kind != mechanism.FieldPersons || q.Sealed {
			continue
		}
		answer := a.Answers[q.ID]
		before := len(answer.Persons)
		answer.Persons = slices.DeleteFunc(slices.Clone(answer.Persons), func(person map[string]string) bool {
			for _, sub := range q.Fields {
				if sub.Kind == mechanism.FieldEmail && person[sub.ID] != "" {
					return !keep(person, party.Email(person[sub.ID]).Key())
				}
			}
			return false
		})
		if len(answer.Persons) != before {
			went = true
			a.Answers[q.ID] = answer
		}
	}
	return went
}

// ErasePerson takes a person out of the applications. Where they are the one who is written to, what was sealed goes
// too: a safe contact in it may be theirs, and nobody here can look.
func (room *Room) ErasePerson(tx *store.Tx, p party.Person) error {
	all, err := room.applications(tx, applicationsKept, room.o.Org)
	if err != nil {
		return err
	}
	for _, a := range all {
		contact := a.Email != "" && a.Email.Key() == p.Email.Key()
		went := room.nominated(a, func(_ map[string]string, email string) bool { return email != p.Email.Key() })
		if !contact && !went {
			continue
		}
		if contact {
			a.Email = ""
			delete(a.Answers, FieldEmail)
			if _, err := tx.Exec(sealedKeep, []byte{}, int64(0), room.o.Org, a.ID); err != nil {
				return err
			}
		}
		if err := room.update(tx, a); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(travelForget, room.o.Org, p.Email.Key()); err != nil {
		return err
	}
	_, err = tx.Exec(actorForget, room.o.Org, p.ID)
	return err
}
