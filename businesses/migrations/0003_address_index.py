from django.db import migrations, models
from django.db.models import Value
from django.db.models.functions import Replace


class Migration(migrations.Migration):
    dependencies = [
        ("businesses", "0002_register"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="business",
            index=models.Index(
                Replace(Replace("address", Value(" "), Value("")), Value("\u3000"), Value("")),
                name="business_by_close_address",
            ),
        ),
    ]
