package party

import (
	"net/http"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

type organisationsView struct {
	Done   string
	All    []organisationLine
	MayAdd bool
	People bool
}

type organisationLine struct {
	ID                  OrganisationID
	Name, Type, Country string
	Listed, MayCorrect  bool
}

var organisationsDone = []string{"added", "corrected"}

func (p *pages) showOrganisations(w http.ResponseWriter, r *page.Request, actor Actor) error {
	if !MayAnywhere(actor, SeeOrganisations) {
		return Allow(actor, SeeOrganisations, WholeInstance())
	}
	v := organisationsView{
		Done:   page.Done(r, organisationsDone, "party.organisation.done."),
		MayAdd: May(actor, AddOrganisation, WholeInstance()),
		People: May(actor, SeePersons, WholeInstance()),
	}
	names, err := p.scopes(r)
	if err != nil {
		return err
	}
	for _, o := range names.organisations {
		kind, _ := named(p.d.o.Preset.Types, o.Type)
		country := Named{}
		if o.Country != "" {
			country, _ = named(p.d.o.Preset.States, o.Country)
		}
		v.All = append(v.All, organisationLine{o.ID, o.Name, kind.In(r.Lang), country.In(r.Lang), o.Listed, May(actor, CorrectOrganisation, OfOrganisation(o.ID))})
	}
	return p.orgs.Render(w, r, v)
}

type organisationView struct {
	Errors              page.FormErrors
	Adding              bool
	Name, Type, Country page.Field
	Listed              bool
	Answered            locale.Date
	// Path is where the form goes.
	Path string
}

func (p *pages) showOrganisation(w http.ResponseWriter, r *page.Request, actor Actor) error {
	id := OrganisationID(r.PathValue("organisation"))
	if id == "" {
		if err := Allow(actor, AddOrganisation, WholeInstance()); err != nil {
			return err
		}
		return p.renderOrganisation(w, r, http.StatusOK, Organisation{}, nil)
	}
	if err := Allow(actor, CorrectOrganisation, OfOrganisation(id)); err != nil {
		return err
	}
	o, err := p.organisationOf(r, id)
	if err != nil {
		return err
	}
	return p.renderOrganisation(w, r, http.StatusOK, o, nil)
}

func (p *pages) organisationOf(r *page.Request, id OrganisationID) (Organisation, error) {
	var o Organisation
	err := p.d.o.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		o, err = p.d.Organisation(tx, id)
		return err
	})
	return o, gone(err)
}

func (p *pages) renderOrganisation(w http.ResponseWriter, r *page.Request, status int, o Organisation, errs page.FormErrors) error {
	v := organisationView{
		Errors: errs,
		Adding: o.ID == "",
		Name: page.Field{Name: "name", Label: r.Text("party.organisation.name"), Hint: r.Text("party.organisation.name.hint"), Type: "text",
			Autocomplete: "organization", Value: o.Name, Error: errs.Of("name")},
		Type: page.Field{Name: "type", Label: r.Text("party.organisation.type"), Error: errs.Of("type")},
		Country: page.Field{Name: "country", Label: r.Text("party.organisation.country"), Hint: r.Text("party.organisation.country.hint"),
			Error: errs.Of("country"), Value: o.Country},
		Listed: o.Listed,
		Path:   r.Path,
	}
	if !o.Answered.IsZero() {
		v.Answered = locale.DateOf(o.Answered)
	}
	for _, one := range p.d.o.Preset.Types {
		v.Type.Choices = append(v.Type.Choices, page.Choice{Value: one.ID, Text: one.In(r.Lang)})
	}
	page.Choose(v.Type.Choices, o.Type)
	if len(p.d.o.Preset.States) == 0 {
		v.Country.Type, v.Country.Autocomplete, v.Country.LTR = "text", "off", true
		v.Country.Hint += " " + r.Text("party.country.hint")
	} else {
		v.Country.Choices = []page.Choice{{Value: "", Text: r.Text("party.organisation.country.none")}}
		for _, one := range p.d.o.Preset.States {
			v.Country.Choices = append(v.Country.Choices, page.Choice{Value: one.ID, Text: one.In(r.Lang)})
		}
		page.Choose(v.Country.Choices, o.Country)
	}
	return p.organisation.RenderStatus(w, r, status, v)
}

func (p *pages) doOrganisation(w http.ResponseWriter, r *page.Request, actor Actor) error {
	form, err := page.ReadForm(w, r, maxForm)
	if err != nil {
		return err
	}
	data := OrganisationData{Type: form.Get("type"), Name: form.Get("name"), Country: form.Get("country"), Listed: form.Get("listed") != ""}
	id, done := OrganisationID(r.PathValue("organisation")), "corrected"
	if id == "" {
		done = "added"
		_, err = p.d.AddOrganisation(r.Context(), actor, data)
	} else {
		err = p.d.CorrectOrganisation(r.Context(), actor, id, data)
	}
	if err != nil {
		errs, err := Explain(r, err)
		if err != nil {
			return gone(err)
		}
		return p.renderOrganisation(w, r, http.StatusUnprocessableEntity,
			Organisation{ID: id, Type: data.Type, Name: data.Name, Country: data.Country, Listed: data.Listed}, errs)
	}
	if !MayAnywhere(actor, SeeOrganisations) {
		return r.Redirect(w, "/account?done=organisation")
	}
	return r.Redirect(w, "/organisations?done="+done)
}
