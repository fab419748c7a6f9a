-- What an organisation asks for with one form. name is the organisation's; email is where the applicant is written to;
-- answers are JSON without what is sealed; sealed is the age file of the sensitive answers, which nobody opens here;
-- listing says where the organisation may be listed; source is form or the name of the file that it came in with; link
-- is the SHA-256 of the link by which the applicant comes back. erases is when the personal data go; once they have
-- gone, erased is set, the texts are empty, and the row keeps the totals right.
create table application (
  org       text    not null,
  id        text    not null,
  call      text    not null,
  sample    integer not null,
  lang      text    not null,
  name      text    not null,
  email     text    not null,
  email_key text    not null,
  answers   text    not null,
  sealed    bytea   not null,
  sealed_at bigint  not null,
  listing   text    not null,
  source    text    not null,
  link      bytea   not null,
  created   bigint  not null,
  changed   bigint  not null,
  submitted bigint  not null,
  erases    bigint  not null,
  erased    bigint  not null,
  version   integer not null,
  primary key (org, id)
);
create index application_call on application (org, call, submitted);
create index application_link on application (org, link);
create index application_email on application (org, email_key);
create index application_erases on application (org, erases);

-- Where an application stands for each dialogue that it names. subject is what it is called in the public record.
create table application_admission (
  org         text    not null,
  application text    not null,
  dialogue    text    not null,
  state       text    not null,
  since       bigint  not null,
  version     integer not null,
  subject     text    not null,
  entry       text    not null,
  primary key (org, application, dialogue)
);
create index application_admission_dialogue on application_admission (org, dialogue, state);

-- Every step of an admission. by is applicant, officer, bureau or clock; actor the person with an account, if it was
-- one. salt and text are what an opaque entry commits to; they are empty where the entry is public.
create table application_move (
  org         text   not null,
  id          text   not null,
  application text   not null,
  dialogue    text   not null,
  at          bigint not null,
  from_state  text   not null,
  to_state    text   not null,
  by          text   not null,
  actor       text   not null,
  answers     text   not null,
  entry       text   not null,
  salt        bytea  not null,
  text        text   not null,
  primary key (org, id)
);
create index application_move_of on application_move (org, application, dialogue, at);
