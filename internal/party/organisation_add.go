package party

import (
	"context"
	"fmt"

	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// OrganisationData is what somebody says about an organisation.
type OrganisationData struct {
	Type, Name, Country string
	// Listed tells whether the organisation agrees to stand on public lists.
	Listed bool
}

// AddOrganisation adds an organisation.
func (d *Directory) AddOrganisation(ctx context.Context, actor Actor, data OrganisationData) (OrganisationID, error) {
	if err := Allow(actor, AddOrganisation, WholeInstance()); err != nil {
		return "", err
	}
	o, err := d.organisation(data)
	if err != nil {
		return "", err
	}
	now := d.o.Clock()
	err = d.o.DB.Write(ctx, func(tx *store.Tx) error {
		id, err := store.NewID(d.o.Random)
		if err != nil {
			return err
		}
		o.ID, o.Created, o.Answered = OrganisationID(id), now, now
		return d.insertOrganisation(tx, o)
	})
	if err != nil {
		return "", fmt.Errorf("adding an organisation: %w", err)
	}
	return o.ID, nil
}

// CorrectOrganisation changes what is kept about an organisation. Its consent to be listed is dated when it changes.
func (d *Directory) CorrectOrganisation(ctx context.Context, actor Actor, id OrganisationID, data OrganisationData) error {
	if err := Allow(actor, CorrectOrganisation, OfOrganisation(id)); err != nil {
		return err
	}
	o, err := d.organisation(data)
	if err != nil {
		return err
	}
	now := d.o.Clock()
	err = d.o.DB.Write(ctx, func(tx *store.Tx) error {
		before, err := d.Organisation(tx, id)
		if err != nil {
			return err
		}
		o.ID, o.Answered = id, before.Answered
		if o.Listed != before.Listed {
			o.Answered = now
		}
		return d.updateOrganisation(tx, o)
	})
	if err != nil {
		return fmt.Errorf("correcting an organisation: %w", err)
	}
	return nil
}

// organisation checks what makes an organisation.
func (d *Directory) organisation(data OrganisationData) (Organisation, error) {
	o := Organisation{Type: data.Type, Country: data.Country, Listed: data.Listed}
	var errs [3]error
	o.Name, errs[0] = words("name", data.Name, maxOrganisation)
	if errs[0] == nil && !readable(o.Name) {
		errs[0] = invalid("name", "party.organisation.noname")
	}
	if _, ok := named(d.o.Preset.Types, o.Type); !ok {
		errs[1] = invalid("type", "party.type.missing")
	}
	if o.Country != "" {
		errs[2] = d.o.Preset.checkState(o.Country)
	}
	return o, page.Collect(errs[:]...)
}
