from drf_spectacular.generators import SchemaGenerator

from tests.core import urls


def operations():
    return SchemaGenerator(patterns=urls.urlpatterns[:7]).get_schema(request=None, public=True)


def statuses(operation):
    return {status for status in operation["responses"] if status >= "400"}


def test_each_operation_documents_the_problems_it_can_answer(recwarn, capsys):
    paths = operations()["paths"]

    assert statuses(paths["/api/departments/"]["get"]) == {"400", "405", "406", "429"}
    assert statuses(paths["/api/departments/{code}/"]["get"]) == {"400", "404", "405", "406", "429"}
    assert statuses(paths["/api/echo/"]["post"]) == {"400", "405", "406", "411", "413", "415", "429"}
    assert statuses(paths["/api/private/"]["get"]) == {"400", "401", "403", "405", "406", "429"}


def test_there_is_one_problem_component_in_chinese(capsys):
    schema = operations()

    answer = schema["paths"]["/api/departments/"]["get"]["responses"]["400"]
    assert answer == {"$ref": "#/components/responses/Problem400"}
    assert schema["components"]["responses"]["Problem400"] == {
        "description": "请求不正确",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    assert schema["components"]["schemas"]["Problem"]["required"][0] == "type"


def test_lists_document_their_pages_and_filters(capsys):
    schema = operations()

    names = {parameter["name"] for parameter in schema["paths"]["/api/departments/"]["get"]["parameters"]}
    assert names == {"cursor", "page_size", "name", "kind", "has_staff", "staff_count"}
    page = schema["components"]["schemas"]["PaginatedDepartmentList"]
    assert page["required"] == ["results", "next", "previous"]
