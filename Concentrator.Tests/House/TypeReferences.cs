using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Concentrator.Tests.House;

/// <summary>Which namespaces of an assembly use which, read from its compiled types: signatures, fields, attributes and the code itself.</summary>
/// <param name="root">The namespace that all of them are in.</param>
internal sealed class TypeReferences(string root)
{
    /// <summary>Pairs of different namespaces, without the root in front; "" is the root. Constants that the compiler copies leave no trace.</summary>
    /// <param name="anyType">A type of the assembly.</param>
    public IReadOnlyCollection<(string From, string To)> Read(Type anyType)
    {
        using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(anyType.Assembly.Location);
        HashSet<(string, string)> found = [];
        foreach (TypeDefinition type in assembly.MainModule.Types.Where(type => IsOurs(type.Namespace)))
        {
            foreach (TypeReference used in Used(type).SelectMany(Parts))
            {
                string to = NamespaceOf(used);
                if (used.Scope == assembly.MainModule && IsOurs(to) && to != type.Namespace) found.Add((Short(type.Namespace), Short(to)));
            }
        }
        return found;
    }

    private bool IsOurs(string name) => name == root || name.StartsWith($"{root}.", StringComparison.Ordinal);

    private string Short(string name) => name.Length == root.Length ? "" : name[(root.Length + 1)..];

    private static string NamespaceOf(TypeReference type)
    {
        while (type.DeclaringType is { } outer) type = outer;
        return type.Namespace;
    }

    /// <summary>A type and everything that it is made of: <c>List&lt;Block[]&gt;</c> is a list, and a block.</summary>
    private static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null or GenericParameter => [],
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Parts).Append(generic.ElementType),
        TypeSpecification made => Parts(made.ElementType),
        _ => [type],
    };

    private static IEnumerable<TypeReference?> Used(TypeDefinition type) =>
    [
        type.BaseType,
        .. type.Interfaces.Select(static one => one.InterfaceType),
        .. type.CustomAttributes.Select(static one => one.AttributeType),
        .. type.Fields.Select(static field => field.FieldType),
        .. type.Methods.SelectMany(Used),
        .. type.NestedTypes.SelectMany(Used),
    ];

    private static IEnumerable<TypeReference?> Used(MethodDefinition method) =>
    [
        method.ReturnType,
        .. method.Parameters.Select(static parameter => parameter.ParameterType),
        .. method.HasBody ? method.Body.Variables.Select(static local => local.VariableType) : [],
        .. method.HasBody ? method.Body.Instructions.SelectMany(Used) : [],
    ];

    private static IEnumerable<TypeReference?> Used(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        FieldReference field => [field.DeclaringType, field.FieldType],
        GenericInstanceMethod generic => [generic.DeclaringType, .. generic.GenericArguments],
        MethodReference method => [method.DeclaringType],
        _ => [],
    };
}
