"""Every address of the staff pages, and what each needs before its view is asked: the estate, the case, the paper."""

from __future__ import annotations

from pyramid.config import Configurator

from core.web.places import CasePlace, DocumentPlace, Everywhere, Place, UserPlace


def includeme(config: Configurator) -> None:
    def add(name: str, path: str, factory: type) -> None:
        config.add_route(name, path, factory=factory)

    add("root", "/", Everywhere)
    add("login", "/login", Everywhere)
    add("logout", "/logout", Everywhere)
    add("resume", "/login/resume", Everywhere)
    add("language", "/language", Everywhere)
    add("account", "/account", Everywhere)
    add("health", "/health", Everywhere)
    add("metrics", "/metrics", Everywhere)
    add("verify", "/verify", Everywhere)
    add("verify_number", "/verify/{estate_name}/{series}/{number}", Everywhere)
    add("users", "/admin/users", Everywhere)
    add("user_new", "/admin/users/new", Everywhere)
    add("user", "/admin/users/{user}", UserPlace)
    add("estates", "/admin/estates", Everywhere)
    add("definitions_reload", "/admin/definitions", Everywhere)

    estate = "/e/{estate}"
    add("home", estate + "/", Place)
    add("search", estate + "/search", Place)
    add("cases", estate + "/cases", Place)
    add("case_new", estate + "/new/{procedure}", Place)
    add("board", estate + "/board/{procedure}", Place)
    add("units", estate + "/units", Place)
    add("units_import", estate + "/units/import", Place)
    add("facts_import", estate + "/facts/{kind}", Place)
    add("facts_template", estate + "/facts/{kind}/template.xlsx", Place)
    add("stock", estate + "/stock", Place)
    add("stock_series", estate + "/stock/{series}", Place)
    add("requisition", estate + "/stock/{series}/requisition", Place)
    add("inbox", estate + "/inbox", Place)
    add("inbox_read", estate + "/inbox/read", Place)
    add("cash", estate + "/cash", Place)
    add("cash_word", estate + "/cash.docx", Place)
    add("blanks", estate + "/blanks", Place)
    add("blank", estate + "/blanks/{procedure}/{name:[^/.]+}.docx", Place)
    add("registers", estate + "/registers", Place)
    add("register_file", estate + "/registers/{procedure}/{register}/file.{kind:xlsx|csv|docx}", Place)
    add("register", estate + "/registers/{procedure}/{register}", Place)
    add("outdated", estate + "/outdated", Place)
    add("definitions", estate + "/definitions", Place)
    add("definition", estate + "/definitions/{procedure}", Place)
    add("definition_try", estate + "/definitions/{procedure}/try", Place)
    add("definition_template", estate + "/definitions/{procedure}/templates", Place)
    add("definition_template_file", estate + "/definitions/{procedure}/templates/{name}", Place)

    case = estate + "/cases/{case}"
    add("case", case, CasePlace)
    add("history", case + "/history", CasePlace)
    add("parties", case + "/parties", CasePlace)
    add("reveal", case + "/parties/reveal", CasePlace)
    add("party_remove", case + "/parties/{party}/{person}/remove", CasePlace)
    add("lifecycle", case + "/lifecycle", CasePlace)
    add("case_migrate", case + "/migrate", CasePlace)
    add("upload", case + "/uploads/{sha}", CasePlace)
    add("packet", case + "/packet.{kind:pdf|zip}", CasePlace)
    add("child_new", case + "/children/{kind}", CasePlace)
    add("parties_many", case + "/parties/many/{party}", CasePlace)

    add("case_money", case + "/money", CasePlace)
    add("pay", case + "/pay", CasePlace)
    add("charge_waive", case + "/charges/{charge}/waive", CasePlace)
    add("charge_waiver_answer", case + "/charges/{charge}/waive/answer", CasePlace)
    add("charge_refund", case + "/charges/{charge}/refund", CasePlace)
    add("receipt_cancel", case + "/receipts/{receipt}/cancel", CasePlace)

    add("documents", case + "/documents", CasePlace)
    document = case + "/documents/{document}"
    add("document", document, DocumentPlace)
    add("document_file", document + "/file.{kind:pdf|docx}", DocumentPlace)
    add("document_void", document + "/void", DocumentPlace)
    add("document_reissue", document + "/reissue", DocumentPlace)
    add("sign", document + "/sign/{signer}", DocumentPlace)
    add("sign_ink", document + "/sign/{signer}/ink", DocumentPlace)
    add("sign_paper", document + "/sign/{signer}/paper", DocumentPlace)
    add("sign_account", document + "/sign/{signer}/account", DocumentPlace)

    step = case + "/steps/{step}"
    add("case_step", step, CasePlace)
    add("step_form", step + "/form", CasePlace)
    add("step_papers_all", step + "/papers", CasePlace)
    add("step_paper", step + "/papers/{paper}", CasePlace)
    add("step_waive", step + "/papers/{paper}/waive", CasePlace)
    add("checklist", step + "/checklist", CasePlace)
    add("issue", step + "/issue", CasePlace)
    add("preview", step + "/preview/{name}", CasePlace)
    add("step_decide", step + "/outcome", CasePlace)
    add("step_complete", step + "/complete", CasePlace)
    add("step_approve", step + "/approve", CasePlace)
    add("step_override", step + "/override", CasePlace)
    add("step_renew", step + "/renew", CasePlace)
    add("step_settle", step + "/settle", CasePlace)
    add("step_fact", step + "/facts/{name}", CasePlace)
